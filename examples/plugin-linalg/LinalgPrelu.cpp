// prelu: a linalg.generic whose loops are all parallel and that reads
// everything at its own position is a formula. It joins the kernel of the
// convolution before it, as if it had said so by PointwiseInterface.
#include "LinalgPrelu.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "LinalgPrelu.cpp.inc"

//===-- Shapes, gradient --------------------------------------------------===//

static LogicalResult inferLinalgPrelu(std::optional<Location> loc, Value input,
                                      Value slope,
                                      SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(input.getType());
  auto slopes = cast<RankedTensorType>(slope.getType());
  types.push_back(type);
  if (type.getRank() < 2 || slopes.getRank() != 1 ||
      type.getDimSize(1) != slopes.getDimSize(0) ||
      type.getElementType() != slopes.getElementType())
    return violated(loc, "linalg_prelu_c1", "the input is ", type,
                    ", the slopes are ", slopes,
                    ", expected [N, C, ...] and [C]");
  return success();
}

LogicalResult LinalgPreluOp::inferReturnTypes(MLIRContext *,
                                              std::optional<Location> loc,
                                              Adaptor adaptor,
                                              SmallVectorImpl<Type> &types) {
  return inferLinalgPrelu(loc, adaptor.getInput(), adaptor.getSlope(), types);
}

LogicalResult LinalgPreluBackwardOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  return inferLinalgPrelu(loc, adaptor.getCotangent(), adaptor.getSlope(),
                          types);
}

LogicalResult LinalgPreluBackwardSlopeOp::inferReturnTypes(
    MLIRContext *, std::optional<Location>, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

LogicalResult LinalgPreluOp::buildGradient(Gradient &g) {
  if (g.needs(0))
    g.set(0, LinalgPreluBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                           getInput(), getSlope()));
  if (g.needs(1))
    g.set(1, ChannelSumOp::create(
                 g.builder, g.loc(),
                 LinalgPreluBackwardSlopeOp::create(g.builder, g.loc(),
                                                    g.cotangent(), getInput())
                     .getGrad()));
  return success();
}

//===-- In linalg ---------------------------------------------------------===//

namespace {

using Formula = function_ref<Value(OpBuilder &, Location, ValueRange)>;

// Element by element; of a `[C]` operand the channel's.
Value elementwise(OpBuilder &b, Location loc, ValueRange operands,
                  Formula formula) {
  auto type = cast<RankedTensorType>(operands.front().getType());
  int64_t rank = type.getRank();
  AffineMap whole = b.getMultiDimIdentityMap(rank);
  SmallVector<AffineMap> maps = llvm::map_to_vector(operands, [&](Value v) {
    bool perChannel = cast<RankedTensorType>(v.getType()).getRank() == 1;
    return perChannel ? AffineMap::get(rank, 0, b.getAffineDimExpr(1)) : whole;
  });
  maps.push_back(whole);
  Value empty =
      tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
  return linalg::GenericOp::create(
             b, loc, type, operands, empty, maps,
             SmallVector<utils::IteratorType>(rank,
                                              utils::IteratorType::parallel),
             [&](OpBuilder &b, Location loc, ValueRange args) {
               linalg::YieldOp::create(b, loc, formula(b, loc, args));
             })
      .getResult(0);
}

// `positive` where x > 0, else `negative`.
Value choose(OpBuilder &b, Location loc, Value x, Value positive,
             Value negative) {
  Value zero =
      arith::ConstantOp::create(b, loc, b.getFloatAttr(x.getType(), 0));
  Value above =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, x, zero);
  return arith::SelectOp::create(b, loc, above, positive, negative);
}

} // namespace

LogicalResult LinalgPreluOp::toLinalg(OpBuilder &b,
                                      SmallVectorImpl<Value> &values) {
  values.push_back(elementwise(
      b, getLoc(), getOperands(),
      [](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value x = args[0], slope = args[1];
        return choose(b, loc, x, x, arith::MulFOp::create(b, loc, slope, x));
      }));
  return success();
}

LogicalResult LinalgPreluBackwardOp::toLinalg(OpBuilder &b,
                                              SmallVectorImpl<Value> &values) {
  values.push_back(elementwise(
      b, getLoc(), getOperands(),
      [](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value dy = args[0], x = args[1], slope = args[2];
        return choose(b, loc, x, dy, arith::MulFOp::create(b, loc, slope, dy));
      }));
  return success();
}

LogicalResult
LinalgPreluBackwardSlopeOp::toLinalg(OpBuilder &b,
                                     SmallVectorImpl<Value> &values) {
  values.push_back(elementwise(
      b, getLoc(), getOperands(),
      [](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value dy = args[0], x = args[1];
        Value zero =
            arith::ConstantOp::create(b, loc, b.getFloatAttr(x.getType(), 0));
        return choose(b, loc, x, zero, arith::MulFOp::create(b, loc, x, dy));
      }));
  return success();
}

//===-- References --------------------------------------------------------===//

// The slope of element i.
static double slopeAt(const RefTensor &x, const RefTensor &slope, size_t i) {
  size_t space = x.data.size() / (x.dim(0) * x.dim(1));
  return slope.data[i / space % x.dim(1)];
}

LogicalResult LinalgPreluOp::evaluate(ArrayRef<const RefTensor *> in,
                                      MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0];
  for (size_t i = 0; i < x.data.size(); ++i)
    out[0].data[i] =
        x.data[i] > 0 ? x.data[i] : slopeAt(x, *in[1], i) * x.data[i];
  return success();
}

LogicalResult LinalgPreluBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                              MutableArrayRef<RefTensor> out) {
  const RefTensor &dy = *in[0], &x = *in[1];
  for (size_t i = 0; i < x.data.size(); ++i)
    out[0].data[i] = dy.data[i] * (x.data[i] > 0 ? 1 : slopeAt(x, *in[2], i));
  return success();
}

LogicalResult
LinalgPreluBackwardSlopeOp::evaluate(ArrayRef<const RefTensor *> in,
                                     MutableArrayRef<RefTensor> out) {
  const RefTensor &dy = *in[0], &x = *in[1];
  for (size_t i = 0; i < x.data.size(); ++i)
    out[0].data[i] = x.data[i] > 0 ? 0 : x.data[i] * dy.data[i];
  return success();
}

//===-- As a layer of a net's text ------------------------------------------===//

LogicalResult LinalgPreluOp::describeLayer(Layer &layer) {
  RankedTensorType input = layer.input();
  if (input.getRank() < 2 || input.isDynamicDim(1))
    return violated(layer.loc(), "linalg_prelu_c1", "the input is ", input,
                    ", expected [N, C, ...]");
  layer.called("prelu");
  layer.parameter({"slope",
                   {input.getDimSize(1)},
                   FloatAttr::get(input.getElementType(), 0.25)});
  return success();
}
