// The optimizer @name@: steps along the mean of past gradients (momentum).
#include "nn/Make.h"
#include "nn/Registry.h"

using namespace gradmill;
using namespace gradmill::nn;

static mlir::Value weighted(UpdateContext &u, mlir::ValueRange values, llvm::ArrayRef<double> weights) {
  return WeightedSumOp::create(u.builder, u.loc, values, weights);
}

// velocity = momentum*velocity + gradient; parameter -= rate*velocity.
static mlir::Value build(UpdateContext &u) {
  mlir::Value velocity =
      weighted(u, {u.readState("velocity"), u.gradient}, {u.options.number("momentum"), 1});
  u.writeState("velocity", velocity);
  mlir::Value step = make(u.builder, u.loc, "nn.mul", {velocity, u.learningRate});
  return step ? weighted(u, {u.parameter, step}, {1, -1}) : mlir::Value();
}

GRADMILL_PLUGIN(@name@) {
  registry.optimizer({"@name@",
                      "steps along the mean of past gradients",
                      {{"momentum", 0.9, 0, 0.999999, "share of the last step kept"}},
                      build});
}
