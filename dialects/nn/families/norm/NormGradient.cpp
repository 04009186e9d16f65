// The adjoint of batch normalization. With xhat = (x - mean) * rstd and means
// over batch and space (Ioffe and Szegedy, 2015):
//   dbias = sum(dy), dweight = sum(dy * xhat)
//   dx = weight * rstd * (dy - mean(dy) - xhat * mean(dy * xhat))
#include "Norm.h"

using namespace mlir;
using namespace gradmill::nn;

LogicalResult BatchNormTrainOp::buildGradient(Gradient &g) {
  Value dy = g.cotangent(0);
  // Statistics are constants, as they are for everyone else.
  for (unsigned i = dy ? 3 : 0; i < getNumOperands(); ++i)
    g.setNone(i);
  if (!dy)
    return success();
  auto sums = BatchNormBackwardSumsOp::create(g.builder, g.loc(), dy,
                                              getInput(), getMean(), getRstd());
  g.set(1, sums.getWeightGrad());
  g.set(2, sums.getBiasGrad());
  if (g.needs(0))
    g.set(0, BatchNormBackwardInputOp::create(
                 g.builder, g.loc(), dy, getInput(), getMean(), getRstd(),
                 getWeight(), sums.getWeightGrad(), sums.getBiasGrad()));
  return success();
}

// In inference mode the statistics are constants; the running statistics
// themselves have no cotangent.
LogicalResult BatchNormOp::buildGradient(Gradient &g) {
  Value dy = g.cotangent();
  for (unsigned statistics : {3, 4})
    g.setNone(statistics);
  Value rstd =
      RstdOp::create(g.builder, g.loc(), getRunningVar(),
                     g.builder.getF64FloatAttr(getEps().convertToDouble()));
  auto sums = BatchNormBackwardSumsOp::create(
      g.builder, g.loc(), dy, getInput(), getRunningMean(), rstd);
  g.set(1, sums.getWeightGrad());
  g.set(2, sums.getBiasGrad());
  if (!g.needs(0))
    return success();
  auto type = cast<RankedTensorType>(getRunningMean().getType());
  Value zero = ConstantOp::create(
      g.builder, g.loc(),
      DenseElementsAttr::get(type,
                             g.builder.getZeroAttr(type.getElementType())));
  auto affine =
      ScaleShiftOp::create(g.builder, g.loc(), zero, rstd, getWeight(), zero);
  g.set(0, ChannelAffineOp::create(g.builder, g.loc(), dy, affine.getScale(),
                                   zero));
  return success();
}
