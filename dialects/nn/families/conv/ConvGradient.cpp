// The adjoints of y = conv(x, w) + b. Convolution is linear in x and in w, so
// each cotangent is one more sum of the shape of a convolution.
#include "Conv.h"
#include "phases/ConvPhases.h"

using namespace mlir;
using namespace gradmill::nn;

LogicalResult Conv2DOp::buildGradient(Gradient &g) {
  Value dy = g.cotangent();
  ArrayRef<int64_t> x = cast<RankedTensorType>(getInput().getType()).getShape();
  ArrayRef<int64_t> w =
      cast<RankedTensorType>(getFilter().getType()).getShape();
  // Weights before data, so that later ops can be fused after backward-data.
  if (g.needs(1))
    g.set(1,
          Conv2DBackwardWeightsOp::create(
              g.builder, g.loc(), getInput(), dy,
              g.builder.getDenseI64ArrayAttr(w.drop_front(2)), getStrideAttr(),
              getPaddingAttr(), getDilationAttr(), getGroupsAttr()));
  if (getBias() && g.needs(2))
    g.set(2, ChannelSumOp::create(g.builder, g.loc(), dy));
  if (g.needs(0))
    g.set(0,
          Conv2DBackwardDataOp::create(
              g.builder, g.loc(), dy, getFilter(),
              g.builder.getDenseI64ArrayAttr(x.drop_front(2)), getStrideAttr(),
              getPaddingAttr(), getDilationAttr(), getGroupsAttr()));
  return success();
}

Value Conv2DBackwardDataOp::joinSum(OpBuilder &b, Operation *other) {
  auto second = dyn_cast<Conv2DBackwardDataOp>(other);
  if (!second || second.getType() != getType() ||
      !sumsTogether(shapeOf(*this), shapeOf(second)))
    return {};
  // The first source's taps decide the tile.
  Conv2DBackwardDataOp first = *this;
  if (shapeOf(first).macs() < shapeOf(second).macs())
    std::swap(first, second);
  return Conv2DBackwardDataSumOp::create(
      b, b.getFusedLoc({first.getLoc(), second.getLoc()}), first.getCotangent(),
      first.getFilter(), second.getCotangent(), second.getFilter(),
      first.getInputSizeAttr(), first.getStrideAttr(), first.getPaddingAttr(),
      first.getDilationAttr(), second.getPaddingAttr(),
      second.getDilationAttr());
}
