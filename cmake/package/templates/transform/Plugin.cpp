// The transform of gradients @name@: all are multiplied by a number.
#include "nn/Registry.h"

using namespace gradmill;
using namespace gradmill::nn;

static mlir::LogicalResult build(TransformContext &t, llvm::MutableArrayRef<mlir::Value> gradients) {
  for (mlir::Value &gradient : gradients)
    gradient = WeightedSumOp::create(t.builder, t.loc, mlir::ValueRange{gradient},
                                     llvm::ArrayRef<double>{t.options.number("by")});
  return mlir::success();
}

GRADMILL_PLUGIN(@name@) {
  registry.transform({"@name@", "times a number", {{"by", 0.5, 0, 1, "the number"}}, build});
}
