// broadcast, and sum_to, its adjoint.
//
// What sums over the batch is a sum per channel (channel_sum): vectors of
// images, partial sums per task, one order. So a sum to anything is two steps:
// within each sample to [N, elements of the result], then over samples.
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "nn/Axes.h"
#include "nn/LinalgOps.h"

using namespace mlir;
using namespace gradmill::nn;

static RankedTensorType typeOf(Value v) {
  return cast<RankedTensorType>(v.getType());
}

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
  // A batch of unknown size stays one: the operand has it where the sum has.
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

namespace {

// A nest of the elements of `input` at `map`, added up over `reductions`.
Value sumNest(RewriterBase &b, Location loc, RankedTensorType type, Value input,
              AffineMap map, ArrayRef<int64_t> reductions) {
  Type element = type.getElementType();
  auto nest = LinalgNestOp::create(
      b, loc, type, ValueRange{input}, b.getAffineMapArrayAttr({map}),
      b.getDenseI64ArrayAttr(reductions), ArrayAttr(),
      reductions.empty() ? TypedAttr() : TypedAttr(b.getFloatAttr(element, 0)));
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&nest.getPayload());
  for (size_t i = 0; i < type.getRank() + reductions.size(); ++i)
    body->addArgument(b.getIndexType(), loc);
  Value value = body->addArgument(element, loc);
  if (!reductions.empty())
    value = arith::AddFOp::create(b, loc, body->addArgument(element, loc),
                                  value);
  YieldOp::create(b, loc, value);
  return nest.getOutput();
}

class SumTo {
public:
  SumTo(RewriterBase &b, SumToOp op)
      : b(b), loc(op.getLoc()), input(typeOf(op.getInput())),
        result(typeOf(op.getOutput())) {
    for (int64_t d = 0; d < input.getRank(); ++d)
      (isKept(d) ? kept : summed).push_back(d);
  }

  Value emit(Value x) {
    if (input.getRank() == 0)
      return x;
    if (isKept(0) || input.getRank() < 2)
      return reshaped(withinSamples(x, /*flat=*/false));
    // [N, C, ...] to [C] is what channel_sum does as it stands.
    if (ArrayRef<int64_t>(kept) != ArrayRef<int64_t>{1} || input.getRank() < 2)
      x = withinSamples(x, /*flat=*/true);
    return reshaped(ChannelSumOp::create(b, loc, x));
  }

private:
  // Whether the result has elements of its own along a dimension of the input.
  bool isKept(int64_t d) {
    int64_t own = d - (input.getRank() - result.getRank());
    return own >= 0 && (result.getDimSize(own) == input.getDimSize(d));
  }

  // Adds up what is not kept; but with `flat` not the samples: [N, kept
  // elements].
  Value withinSamples(Value x, bool flat) {
    SmallVector<int64_t> shape, reductions;
    SmallVector<AffineExpr> at(input.getRank());
    if (flat) {
      at[0] = b.getAffineDimExpr(0);
      int64_t count = 1;
      for (int64_t d : kept)
        count *= input.getDimSize(d);
      shape = {input.getDimSize(0), count};
      AffineExpr element = b.getAffineDimExpr(1);
      for (int64_t d : llvm::reverse(kept)) {
        int64_t size = input.getDimSize(d);
        at[d] = count == size ? element : element % size;
        element = element.floorDiv(size);
        count /= size;
      }
    } else {
      for (int64_t d : kept) {
        at[d] = b.getAffineDimExpr(shape.size());
        shape.push_back(input.getDimSize(d));
      }
    }
    for (int64_t d : summed)
      if (d > 0 || !flat) {
        at[d] = b.getAffineDimExpr(shape.size() + reductions.size());
        reductions.push_back(input.getDimSize(d));
      }
    if (!flat && reductions.empty())
      return x;
    auto map = AffineMap::get(shape.size() + reductions.size(), 0, at,
                              b.getContext());
    return sumNest(b, loc, dense(input, shape), x, map, reductions);
  }

  // The same elements in the result's shape: sizes of 1 apart they are alike,
  // or one of them is a vector.
  Value reshaped(Value x) {
    ArrayRef<int64_t> from = typeOf(x).getShape(), to = result.getShape();
    if (from == to)
      return x;
    SmallVector<AffineExpr> at;
    if (from.size() == 1) {
      AffineExpr index = b.getAffineConstantExpr(0);
      int64_t stride = 1;
      for (int64_t d = int64_t(to.size()) - 1; d >= 0; --d) {
        if (to[d] != 1)
          index = b.getAffineDimExpr(d) * stride + index;
        stride *= to[d];
      }
      at.push_back(index);
    } else {
      // Of the input's dimensions those that are kept, in order.
      int64_t shift = input.getRank() - result.getRank();
      for (int64_t d : kept)
        at.push_back(b.getAffineDimExpr(d - shift));
    }
    return sumNest(b, loc, result, x,
                   AffineMap::get(to.size(), 0, at, b.getContext()), {});
  }

  RewriterBase &b;
  Location loc;
  RankedTensorType input, result;
  SmallVector<int64_t> kept, summed; // dimensions of the input
};

} // namespace

LogicalResult SumToOp::expand(RewriterBase &rewriter) {
  rewriter.replaceOp(*this, SumTo(rewriter, *this).emit(getInput()));
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
