// The adjoints of y = x * transpose(w) + b, linear in x and in w.
#include "Dense.h"

using namespace mlir;
using namespace gradmill::nn;

LogicalResult LinearOp::buildGradient(Gradient &g) {
  Value dy = g.cotangent();
  // Weights before data, so that later ops can be fused after backward-data.
  if (g.needs(1))
    g.set(1,
          LinearBackwardWeightsOp::create(g.builder, g.loc(), getInput(), dy));
  if (getBias() && g.needs(2))
    g.set(2, sumLike(g.builder, g.loc(), dy, getBias()));
  if (g.needs(0))
    g.set(0, LinearBackwardDataOp::create(g.builder, g.loc(), dy, getWeight()));
  return success();
}
