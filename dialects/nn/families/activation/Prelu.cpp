// prelu: y = x where x > 0, else w[c]*x; dw[c] = sum of dy*x where not x > 0.
// For a single weight the cotangents are summed at the end.
#include "Activation.h"
#include "nn/interfaces/Number.h"

using namespace mlir;
using namespace gradmill::nn;

//===-- Shapes, gradient --------------------------------------------------===//

static LogicalResult checkPrelu(std::optional<Location> loc,
                                RankedTensorType input,
                                RankedTensorType weight) {
  bool fits = input.getRank() >= 2 && weight.getRank() == 1 &&
              weight.hasStaticShape() &&
              weight.getElementType() == input.getElementType();
  if (fits && (weight.getDimSize(0) == 1 ||
               weight.getDimSize(0) == input.getDimSize(1)))
    return success();
  return violated(loc, "prelu_c1", "the input is ", input, ", the weight ",
                  weight, ", expected [N, C, ...] and [C] or [1]");
}

LogicalResult PreluOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return checkPrelu(loc, typeOf(adaptor.getInput()),
                    typeOf(adaptor.getWeight()));
}

LogicalResult PreluBackwardOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location> loc,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return checkPrelu(loc, typeOf(adaptor.getInput()),
                    typeOf(adaptor.getWeight()));
}

LogicalResult PreluBackwardWeightOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput());
  if (input.getRank() < 2)
    return violated(loc, "prelu_c1", "the input is ", input,
                    ", expected [N, C, ...]");
  types.push_back(dense(input, {input.getDimSize(1)}));
  return success();
}

LayerKind PreluOp::getLayerKind() { return LayerKind::Activation; }

LogicalResult PreluOp::buildGradient(Gradient &g) {
  if (g.needs(0))
    g.set(0, PreluBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                     getInput(), getWeight()));
  if (!g.needs(1))
    return success();
  Value perChannel = PreluBackwardWeightOp::create(g.builder, g.loc(),
                                                   g.cotangent(), getInput());
  g.set(1, sumLike(g.builder, g.loc(), perChannel, getWeight()));
  return success();
}

//===-- Formulas ----------------------------------------------------------===//

void PreluOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                          SmallVectorImpl<Value> &results) {
  Emitter e(b, loc);
  Number x{e, operands[0]}, w{e, operands[1]};
  results.push_back(select(x > 0, x, w * x));
}

void PreluBackwardOp::emitElement(OpBuilder &b, Location loc,
                                  ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Emitter e(b, loc);
  Number dy{e, operands[0]}, x{e, operands[1]}, w{e, operands[2]};
  results.push_back(select(x > 0, dy, w * dy));
}

//===-- The sum per channel -----------------------------------------------===//

unsigned PreluBackwardWeightOp::getNumAccumulators() { return 1; }

void PreluBackwardWeightOp::emitAccumulate(OpBuilder &b, Location loc,
                                           ValueRange operands, Value,
                                           MutableArrayRef<Value> acc) {
  Emitter e(b, loc);
  Number dy{e, operands[0]}, x{e, operands[1]}, sum{e, acc[0]};
  acc[0] = sum + select(x > 0, 0, x * dy);
}

void PreluBackwardWeightOp::emitFinalize(ReductionFinalizer &f) {
  f.setResult(0, f.sum([](ValueRange acc, Value) { return acc[0]; }, 1));
}

//===-- References --------------------------------------------------------===//

// Which channel element i belongs to.
static size_t channelOf(const RefTensor &x, size_t i) {
  return i / (x.data.size() / size_t(x.dim(0) * x.dim(1))) % size_t(x.dim(1));
}
static double weightAt(const RefTensor &x, const RefTensor &weight, size_t i) {
  return weight.data[weight.data.size() == 1 ? 0 : channelOf(x, i)];
}

LogicalResult PreluOp::evaluate(ArrayRef<const RefTensor *> in,
                                MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0];
  for (size_t i = 0; i < x.data.size(); ++i)
    out[0].data[i] =
        x.data[i] > 0 ? x.data[i] : weightAt(x, *in[1], i) * x.data[i];
  return success();
}

LogicalResult PreluBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  const RefTensor &dy = *in[0], &x = *in[1];
  for (size_t i = 0; i < x.data.size(); ++i)
    out[0].data[i] =
        x.data[i] > 0 ? dy.data[i] : weightAt(x, *in[2], i) * dy.data[i];
  return success();
}

LogicalResult PreluBackwardWeightOp::evaluate(ArrayRef<const RefTensor *> in,
                                              MutableArrayRef<RefTensor> out) {
  const RefTensor &dy = *in[0], &x = *in[1];
  std::vector<long double> sums(out[0].data.size());
  for (size_t i = 0; i < x.data.size(); ++i)
    if (!(x.data[i] > 0))
      sums[channelOf(x, i)] += x.data[i] * dy.data[i];
  llvm::copy(sums, out[0].data.begin());
  return success();
}

//===-- As a layer: prelu, or prelu(1) with one weight for all --------------===//

LogicalResult PreluOp::describeLayer(Layer &layer) {
  RankedTensorType input = layer.input();
  if (input.getRank() < 2 || input.isDynamicDim(1))
    return violated(layer.loc(), "prelu_c1", "the input is ", input,
                    ", expected [N, C, ...]");
  auto weights = layer.size("weights", input.getDimSize(1));
  if (failed(weights))
    return failure();
  layer.parameter({"weight", {*weights}, FloatAttr::get(input.getElementType(), 0.25)});
  return success();
}

SmallVector<LayerSize> PreluOp::getLayerSizes() {
  return {{"weights", {typeOf(getWeight()).getDimSize(0)}}};
}
