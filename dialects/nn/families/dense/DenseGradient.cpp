// The adjoints of y = x * transpose(w) + b, linear in x and in w.
#include "Dense.h"

using namespace mlir;
using namespace gradmill::nn;

// [N, ..., O] to [O].
static Value sumOfRows(Gradient &g, Value dy) {
  int64_t rank = cast<RankedTensorType>(dy.getType()).getRank();
  if (rank == 2)
    return ChannelSumOp::create(g.builder, g.loc(), dy);
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, rank - 1));
  return RepeatedSumOp::create(g.builder, g.loc(), dy, axes, 1);
}

LogicalResult LinearOp::buildGradient(Gradient &g) {
  Value dy = g.cotangent();
  // Weights before data: what follows can then be fused behind backward-data.
  if (g.needs(1))
    g.set(1,
          LinearBackwardWeightsOp::create(g.builder, g.loc(), getInput(), dy));
  if (getBias() && g.needs(2))
    g.set(2, sumOfRows(g, dy));
  if (g.needs(0))
    g.set(0, LinearBackwardDataOp::create(g.builder, g.loc(), dy, getWeight()));
  return success();
}
