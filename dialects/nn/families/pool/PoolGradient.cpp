// The adjoints of pooling. A maximum passes its cotangent to the place where it
// was found; a mean spreads it evenly.
#include "Pool.h"

using namespace mlir;
using namespace gradmill::nn;

static DenseI64ArrayAttr imageSize(OpBuilder &b, Value images) {
  return b.getDenseI64ArrayAttr(
      cast<RankedTensorType>(images.getType()).getShape().drop_front(2));
}

LogicalResult MaxPool2DOp::buildGradient(Gradient &g) {
  // It reads the input and not the positions of the maxima. The output of a
  // relu or a batch norm is kept anyway, and searching again costs one more
  // read of it.
  g.set(0, MaxPool2DBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                       getInput(), getKernelAttr(),
                                       getStrideAttr(), getPaddingAttr(),
                                       getCeilModeAttr(), getDilationAttr()));
  return success();
}

LogicalResult AvgPool2DOp::buildGradient(Gradient &g) {
  g.set(0, AvgPool2DBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                       imageSize(g.builder, getInput()),
                                       getKernelAttr(), getStrideAttr(),
                                       getPaddingAttr(), getCeilModeAttr(),
                                       getCountIncludePadAttr()));
  return success();
}

LogicalResult GlobalAvgPoolOp::buildGradient(Gradient &g) {
  g.set(0, GlobalAvgPoolBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                           imageSize(g.builder, getInput())));
  return success();
}

LogicalResult AdaptiveAvgPool2DOp::buildGradient(Gradient &g) {
  g.set(0,
        AdaptiveAvgPool2DBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                            imageSize(g.builder, getInput())));
  return success();
}
