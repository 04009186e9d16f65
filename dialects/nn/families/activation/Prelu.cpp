// prelu: y = x where x > 0, else w[c]*x; dw[c] = sum of dy*x where not x > 0. A
// weight for all channels is repeated before, and its cotangents are summed at
// the end.
#include "Activation.h"
#include "Number.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace gradmill::nn;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

//===-- Shapes, gradient --------------------------------------------------===//

static LogicalResult checkPrelu(std::optional<Location> loc,
                                RankedTensorType input,
                                RankedTensorType weight) {
  int64_t count = weight.getDimSize(0);
  if (input.getRank() >= 2 && (count == 1 || count == input.getDimSize(1)) &&
      weight.hasStaticShape() &&
      weight.getElementType() == input.getElementType())
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

LogicalResult
PreluSumWeightsOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                    Adaptor adaptor,
                                    SmallVectorImpl<Type> &types) {
  types.push_back(withShape(typeOf(adaptor.getInput()), {1}));
  return success();
}

LogicalResult PreluOp::buildGradient(Gradient &g) {
  if (g.needs(0))
    g.set(0, PreluBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                     getInput(), getWeight()));
  if (!g.needs(1))
    return success();
  Value perChannel = PreluBackwardWeightOp::create(g.builder, g.loc(),
                                                   g.cotangent(), getInput());
  g.set(1, perChannel.getType() == getWeight().getType()
               ? perChannel
               : PreluSumWeightsOp::create(g.builder, g.loc(), perChannel)
                     .getOutput());
  return success();
}

//===-- In linalg ---------------------------------------------------------===//

namespace {

using Formula =
    llvm::function_ref<Value(OpBuilder &, Location, ValueRange arguments)>;

// A generic op; its inputs are read at `maps`, its result where it stands.
Value generic(OpBuilder &b, Location loc, RankedTensorType type,
              ValueRange inputs, SmallVector<AffineMap> maps, Value init,
              utils::IteratorType lastLoop, Formula formula) {
  SmallVector<utils::IteratorType> loops(maps.back().getNumDims(),
                                         utils::IteratorType::parallel);
  loops.back() = lastLoop;
  return linalg::GenericOp::create(
             b, loc, type, inputs, init, maps, loops,
             [&](OpBuilder &b, Location loc, ValueRange arguments) {
               linalg::YieldOp::create(b, loc, formula(b, loc, arguments));
             })
      .getResult(0);
}

Value emptyOf(OpBuilder &b, Location loc, RankedTensorType type) {
  return tensor::EmptyOp::create(b, loc, type.getShape(),
                                 type.getElementType());
}

// [1] to [C].
Value repeated(OpBuilder &b, Location loc, Value weight, int64_t channels) {
  auto type = withShape(typeOf(weight), {channels});
  AffineMap first = AffineMap::get(1, 0, b.getAffineConstantExpr(0));
  return generic(
      b, loc, type, weight, {first, b.getMultiDimIdentityMap(1)},
      emptyOf(b, loc, type), utils::IteratorType::parallel,
      [](OpBuilder &, Location, ValueRange arguments) { return arguments[0]; });
}

// `x` where `by` is positive, else weight*x; `by` is the last of `elements`,
// and x the first.
Value scaledBelowZero(OpBuilder &b, Location loc, ValueRange elements,
                      Value weight) {
  RankedTensorType type = typeOf(elements.front());
  int64_t rank = type.getRank(), channels = type.getDimSize(1);
  if (typeOf(weight).getDimSize(0) != channels)
    weight = repeated(b, loc, weight, channels);
  AffineMap whole = b.getMultiDimIdentityMap(rank),
            perChannel = AffineMap::get(rank, 0, b.getAffineDimExpr(1));
  SmallVector<Value> inputs(elements);
  SmallVector<AffineMap> maps(elements.size(), whole);
  inputs.push_back(weight);
  maps.append({perChannel, whole});
  return generic(b, loc, type, inputs, maps, emptyOf(b, loc, type),
                 utils::IteratorType::parallel,
                 [&](OpBuilder &b, Location loc, ValueRange arguments) {
                   Emitter e(b, loc);
                   Number x{e, arguments[0]}, w{e, arguments[elements.size()]},
                       by{e, arguments[elements.size() - 1]};
                   return select(by > 0, x, w * x).value;
                 });
}

} // namespace

LogicalResult PreluOp::toLinalg(OpBuilder &b, SmallVectorImpl<Value> &values) {
  values.push_back(scaledBelowZero(b, getLoc(), getInput(), getWeight()));
  return success();
}

LogicalResult PreluBackwardOp::toLinalg(OpBuilder &b,
                                        SmallVectorImpl<Value> &values) {
  values.push_back(
      scaledBelowZero(b, getLoc(), {getCotangent(), getInput()}, getWeight()));
  return success();
}

LogicalResult PreluSumWeightsOp::toLinalg(OpBuilder &b,
                                          SmallVectorImpl<Value> &values) {
  RankedTensorType type = typeOf(getOutput());
  Value zero = arith::ConstantOp::create(
      b, getLoc(), b.getFloatAttr(type.getElementType(), 0));
  Value zeros =
      linalg::FillOp::create(b, getLoc(), zero, emptyOf(b, getLoc(), type))
          .getResult(0);
  AffineMap one = AffineMap::get(2, 0, b.getAffineDimExpr(0)),
            all = AffineMap::get(2, 0, b.getAffineDimExpr(1));
  values.push_back(
      generic(b, getLoc(), type, getInput(), {all, one}, zeros,
              utils::IteratorType::reduction,
              [](OpBuilder &b, Location loc, ValueRange arguments) {
                return arith::AddFOp::create(b, loc, arguments[1], arguments[0])
                    .getResult();
              }));
  return success();
}

//===-- The sum per channel -----------------------------------------------===//

unsigned PreluBackwardWeightOp::getNumAccumulators() { return 1; }

void PreluBackwardWeightOp::emitAccumulate(OpBuilder &b, Location loc,
                                           ValueRange operands, Value,
                                           MutableArrayRef<Value> acc) {
  Emitter e(b, loc);
  Number dy{e, operands[0]}, x{e, operands[1]}, sum{e, acc[0]};
  acc[0] = (sum + select(x > 0, 0, x * dy)).value;
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

LogicalResult PreluSumWeightsOp::evaluate(ArrayRef<const RefTensor *> in,
                                          MutableArrayRef<RefTensor> out) {
  for (double v : in[0]->data)
    out[0].data[0] += v;
  return success();
}
