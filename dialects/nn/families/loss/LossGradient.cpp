// The adjoints of softmax and the losses.
//   y = softmax(x):      dy_i/dx_j = y_i (d_ij - y_j)
//   y = log_softmax(x):  dy_i/dx_j = d_ij - exp(y_j)
// Both use the output, which the loss keeps anyway.
#include "Loss.h"

using namespace mlir;
using namespace gradmill::nn;

LogicalResult SoftmaxOp::buildGradient(Gradient &g) {
  g.set(0, SoftmaxBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                     getOutput(), getAxis()));
  return success();
}

LogicalResult LogSoftmaxOp::buildGradient(Gradient &g) {
  g.set(0, LogSoftmaxBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                        getOutput(), getAxis()));
  return success();
}

LogicalResult NllLossOp::buildGradient(Gradient &g) {
  if (getWeights() && g.needs(2))
    return emitError("class weights have no gradient; use an nn.constant, or "
                     "an nn.parameter with the role \"buffer\"");
  g.set(0, NllLossBackwardOp::create(
               g.builder, g.loc(), g.cotangent(), getLabels(), getLogProbs(),
               getWeights(), getLabelSmoothingAttr(), getIgnoreIndexAttr()));
  return success(); // labels have no cotangent
}
