#include "WrittenLinalg.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(written_linalg) {
  using namespace gradmill::nn;
  registry.ops<WrittenLinalgOp>();
  // For the parser.
  registry.dialects()
      .insert<mlir::arith::ArithDialect, mlir::linalg::LinalgDialect,
              mlir::math::MathDialect, mlir::tensor::TensorDialect>();
}
