// Losses and metrics as ops.
#include "Loss.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

namespace gradmill::nn::losses {

// Null, with an error: creating an op whose types cannot be inferred would end
// the program.
template <typename Op>
static Value create(OpBuilder &b, Location loc, ValueRange operands,
                    ArrayRef<NamedAttribute> attributes = {}) {
  if (llvm::any_of(operands, [](Value v) { return !v; }))
    return {};
  OperationState state(loc, Op::getOperationName(), operands, {}, attributes);
  if (failed(
          Op::inferReturnTypes(b.getContext(), loc, operands,
                               state.attributes.getDictionary(b.getContext()),
                               nullptr, {}, state.types)))
    return {};
  return b.create(state)->getResult(0);
}

static Value mean(OpBuilder &b, Location loc, Value errors) {
  return errors ? create<MeanOp>(b, loc, {errors}) : Value();
}

static NamedAttribute number(OpBuilder &b, StringRef name, double value) {
  return b.getNamedAttr(name, b.getF64FloatAttr(value));
}

static NamedAttribute ignoreIndex(OpBuilder &b, int64_t value) {
  return b.getNamedAttr("ignore_index", b.getI64IntegerAttr(value));
}

// The numbers as a tensor of the element type of `like`: [size], or 0-d.
static Value constant(OpBuilder &b, Location loc, Value like,
                      ArrayRef<double> numbers, ArrayRef<int64_t> shape) {
  auto type = dense(cast<RankedTensorType>(like.getType()), shape);
  SmallVector<Attribute> elements;
  for (double value : numbers)
    elements.push_back(b.getFloatAttr(type.getElementType(), value));
  return ConstantOp::create(b, loc, DenseElementsAttr::get(type, elements));
}

Value negativeLogLikelihood(OpBuilder &b, Location loc, Value logProbs,
                            Value labels, const CrossEntropyOptions &options) {
  SmallVector<Value> operands{logProbs, labels};
  for (double weight : options.classWeights)
    if (!(std::isfinite(weight) && weight >= 0)) {
      emitError(loc) << "[class_weights] a class weight is " << weight
                     << ", expected a number not below 0";
      return {};
    }
  if (!options.classWeights.empty())
    operands.push_back(constant(b, loc, logProbs, options.classWeights,
                                {int64_t(options.classWeights.size())}));
  SmallVector<NamedAttribute> attributes;
  if (options.labelSmoothing != 0)
    attributes.push_back(number(b, "label_smoothing", options.labelSmoothing));
  if (options.ignoreIndex)
    attributes.push_back(ignoreIndex(b, *options.ignoreIndex));
  return create<NllLossOp>(b, loc, operands, attributes);
}

Value crossEntropy(OpBuilder &b, Location loc, Value logits, Value labels,
                   const CrossEntropyOptions &options) {
  // Before log_softmax is added, so that the error names what the graph has.
  if (failed(checkNllLoss(loc, logits.getType(), labels.getType())))
    return {};
  return negativeLogLikelihood(b, loc, create<LogSoftmaxOp>(b, loc, {logits}),
                               labels, options);
}

Value mse(OpBuilder &b, Location loc, Value prediction, Value target) {
  return mean(b, loc, create<SquaredErrorOp>(b, loc, {prediction, target}));
}

Value l1(OpBuilder &b, Location loc, Value prediction, Value target) {
  return mean(b, loc, create<AbsoluteErrorOp>(b, loc, {prediction, target}));
}

Value huber(OpBuilder &b, Location loc, Value prediction, Value target,
            double delta) {
  return mean(b, loc,
              create<HuberOp>(b, loc, {prediction, target},
                              {number(b, "delta", delta)}));
}

Value smoothL1(OpBuilder &b, Location loc, Value prediction, Value target,
               double beta) {
  if (beta == 0)
    return l1(b, loc, prediction, target);
  Value loss = huber(b, loc, prediction, target, beta);
  if (!loss || beta == 1)
    return loss;
  return create<WeightedSumOp>(
      b, loc, {loss},
      {b.getNamedAttr("weights", b.getDenseF64ArrayAttr({1 / beta}))});
}

Value bceWithLogits(OpBuilder &b, Location loc, Value logits, Value targets,
                    ArrayRef<double> posWeight) {
  SmallVector<Value> operands{logits, targets};
  if (posWeight.size() == 1)
    operands.push_back(constant(b, loc, logits, posWeight, {}));
  else if (!posWeight.empty())
    operands.push_back(
        constant(b, loc, logits, posWeight, {int64_t(posWeight.size())}));
  return mean(b, loc, create<BceWithLogitsOp>(b, loc, operands));
}

Value accuracy(OpBuilder &b, Location loc, Value scores, Value labels,
               int64_t k, std::optional<int64_t> ignoreIndex) {
  SmallVector<NamedAttribute> attributes{
      b.getNamedAttr("k", b.getI64IntegerAttr(k))};
  if (ignoreIndex)
    attributes.push_back(losses::ignoreIndex(b, *ignoreIndex));
  return create<AccuracyOp>(b, loc, {scores, labels}, attributes);
}

} // namespace gradmill::nn::losses
