// The adjoint of y = x*s, s = sigmoid(beta*x): s' = beta*s*(1 - s), so
//   dx = dy * (s + beta*x*s*(1 - s)).
// The input is kept, not the output: y does not determine x.
#include "Swish.h"

using namespace mlir;
using namespace gradmill::nn;

LogicalResult SwishOp::buildGradient(Gradient &g) {
  g.set(0, SwishBackwardOp::create(
               g.builder, g.loc(), g.cotangent(), getInput(),
               g.builder.getF64FloatAttr(getBeta().convertToDouble())));
  return success();
}
