// The metric @name@: how far predictions are above their targets, on average.
#include "nn/Make.h"
#include "nn/Registry.h"

using namespace gradmill;
using namespace gradmill::nn;

// The target is like the prediction.
static mlir::FailureOr<TargetSpec> target(mlir::Location, mlir::RankedTensorType prediction,
                                          const OptionValues &) {
  return TargetSpec{"target", prediction};
}

static mlir::Value build(CriterionContext &c) {
  mlir::Value error = WeightedSumOp::create(c.builder, c.loc, mlir::ValueRange{c.prediction, c.target},
                                            llvm::ArrayRef<double>{1, -1});
  return make(c.builder, c.loc, "nn.mean", error);
}

GRADMILL_PLUGIN(@name@) {
  registry.metric({{"@name@", "mean of prediction - target", target, build}});
}
