// The loss @name@: the mean of log(1 + (error/scale)^2). Large errors count less
// than squared ones.
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
  double scale = 1 / c.options.number("scale");
  mlir::Value error = WeightedSumOp::create(c.builder, c.loc, mlir::ValueRange{c.prediction, c.target},
                                            llvm::ArrayRef<double>{scale, -scale});
  mlir::Value square = make(c.builder, c.loc, "nn.mul", {error, error});
  mlir::Value one = ConstantOp::create(
      c.builder, c.loc,
      mlir::DenseElementsAttr::get(mlir::RankedTensorType::get({}, c.builder.getF32Type()), 1.0f));
  mlir::Value sum = make(c.builder, c.loc, "nn.add", {square, one});
  return make(c.builder, c.loc, "nn.mean", make(c.builder, c.loc, "nn.log", sum));
}

GRADMILL_PLUGIN(@name@) {
  registry.loss({{"@name@",
                  "mean of log(1 + (error/scale)^2)",
                  target,
                  build,
                  {{"scale", 1, 1e-3, 1e3, "errors beyond it count less"}}},
                 /*takes=*/{},
                 /*fix=*/"",
                 /*metrics=*/{"mae"}});
}
