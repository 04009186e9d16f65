// broadcast, and its adjoint sum_to. sum_to is a sum per channel where
// possible, because the kernel that makes its operand can compute that;
// otherwise repeated_sum.
#include "nn/Axes.h"
#include "nn/LinalgOps.h"

using namespace mlir;
using namespace gradmill::nn;

// `shape` with the sizes of `like` where it has a 0; aligned from behind.
static std::optional<SmallVector<int64_t>> filled(ArrayRef<int64_t> shape,
                                                  ArrayRef<int64_t> like) {
  SmallVector<int64_t> result(shape);
  for (size_t i = 0; i < result.size(); ++i) {
    int64_t &size = result[result.size() - 1 - i];
    if (size == 0 && i < like.size())
      size = like[like.size() - 1 - i];
    else if (size < 1)
      return std::nullopt;
  }
  return result;
}

namespace gradmill::nn {

Value sumLike(OpBuilder &builder, Location loc, Value cotangent,
              Value operand) {
  auto type = typeOf(operand), all = typeOf(cotangent);
  if (type.getShape() == all.getShape())
    return cotangent;
  SmallVector<int64_t> shape = llvm::map_to_vector(
      type.getShape(),
      [](int64_t d) { return ShapedType::isDynamic(d) ? 0 : d; });
  // A batch of unknown size stays: the operand has it where the sum has it.
  return SumToOp::create(builder, loc, cotangent, shape);
}

} // namespace gradmill::nn

//===-- broadcast ---------------------------------------------------------===//

LogicalResult BroadcastOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput());
  std::optional<SmallVector<int64_t>> shape =
      filled(adaptor.getShape(), input.getShape());
  if (!shape || broadcastShape(*shape, input.getShape()) != shape)
    return violated(loc, "broadcast_c1", "an input of ",
                    shapeText(input.getShape()), " cannot be repeated to [",
                    adaptor.getShape(),
                    "]; from the last dimension on, sizes must be equal, 1 or "
                    "missing, or 0 in the shape");
  types.push_back(withShape(input, *shape));
  return success();
}

SmallVector<int64_t> BroadcastOp::getOperandAxes(unsigned operand) {
  return axesFromBehind(*this, operand);
}

LogicalResult BroadcastOp::buildGradient(Gradient &g) {
  g.set(0, sumLike(g.builder, g.loc(), g.cotangent(), getInput()));
  return success();
}

void BroadcastOp::emitElement(OpBuilder &, Location, ValueRange operands,
                              SmallVectorImpl<Value> &results) {
  results.push_back(operands[0]);
}

LogicalResult BroadcastOp::evaluate(ArrayRef<const RefTensor *> in,
                                    MutableArrayRef<RefTensor> out) {
  BroadcastReader x(*in[0], out[0].shape);
  for (size_t i = 0; i < out[0].data.size(); ++i)
    out[0].data[i] = x[i];
  return success();
}

//===-- sum_to ------------------------------------------------------------===//

LogicalResult SumToOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput());
  std::optional<SmallVector<int64_t>> shape =
      filled(adaptor.getShape(), input.getShape());
  std::optional<SmallVector<int64_t>> all;
  if (shape)
    all = broadcastShape(*shape, input.getShape());
  if (!all || ArrayRef<int64_t>(*all) != input.getShape())
    return violated(loc, "sum_to_c1", "[", adaptor.getShape(),
                    "] cannot be repeated to ", shapeText(input.getShape()));
  types.push_back(RankedTensorType::get(*shape, input.getElementType()));
  return success();
}

// A vector's elements as a tensor of this type, whose other dimensions have
// size 1.
static Value shaped(RewriterBase &b, Location loc, Value vector,
                    RankedTensorType type) {
  if (vector.getType() == type)
    return vector;
  AffineExpr at = b.getAffineConstantExpr(0);
  for (auto [d, size] : llvm::enumerate(type.getShape()))
    if (size != 1)
      at = b.getAffineDimExpr(d);
  auto map = AffineMap::get(type.getRank(), 0, at);
  auto nest = LinalgNestOp::create(b, loc, type, vector,
                                   b.getAffineMapArrayAttr(map),
                                   b.getDenseI64ArrayAttr({}), ArrayAttr(),
                                   TypedAttr());
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&nest.getPayload());
  for (int64_t d = 0; d < type.getRank(); ++d)
    body->addArgument(b.getIndexType(), loc);
  YieldOp::create(b, loc,
                  ValueRange{body->addArgument(type.getElementType(), loc)});
  return nest.getOutput();
}

LogicalResult SumToOp::expand(RewriterBase &rewriter) {
  RankedTensorType input = typeOf(getInput()), result = typeOf(getOutput());
  int64_t rank = input.getRank(), missing = rank - result.getRank();
  SmallVector<int64_t> summed, kept;
  for (int64_t d = 0; d < rank; ++d) {
    bool stays = d >= missing &&
                 result.getDimSize(d - missing) == input.getDimSize(d);
    (stays ? kept : summed).push_back(d);
  }
  Value sum = getInput();
  auto sumOver = [&](ArrayRef<int64_t> axes, int64_t toRank) {
    sum = RepeatedSumOp::create(rewriter, getLoc(), sum, axes, toRank);
  };
  if (rank > 1 && ArrayRef<int64_t>(kept) == ArrayRef<int64_t>{1}) {
    sum = shaped(rewriter, getLoc(),
                 ChannelSumOp::create(rewriter, getLoc(), sum), result);
  } else if (!summed.empty()) {
    // Tasks share the results. If there are few results, each sample is summed
    // first, and tasks share the samples.
    constexpr int64_t few = 64;
    if (result.getNumElements() < few && summed.size() > 1 && summed[0] == 0)
      sumOver(ArrayRef(summed).drop_front(), rank);
    sumOver(summed, result.getRank());
  }
  rewriter.replaceOp(*this, sum);
  return success();
}

LogicalResult SumToOp::evaluate(ArrayRef<const RefTensor *> in,
                                MutableArrayRef<RefTensor> out) {
  BroadcastReader at(out[0], in[0]->shape);
  std::vector<long double> sums(out[0].data.size());
  for (size_t i = 0; i < in[0]->data.size(); ++i)
    sums[at.offset(i)] += in[0]->data[i];
  llvm::copy(sums, out[0].data.begin());
  return success();
}
