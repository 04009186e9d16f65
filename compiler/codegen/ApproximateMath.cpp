// f32 vector math as polynomials (MLIR's own): as calls to libm, one lane at a
// time, exp and log would cost more than the convolution before them. f64 stays
// exact.
//
// requires: math ops on vectors. maintains: no f32 vector math op that has a
// polynomial.
#include "compiler/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_APPROXIMATEMATH
#include "compiler/Passes.h.inc"

namespace {
struct ApproximateMathPass : impl::ApproximateMathBase<ApproximateMathPass> {
  void runOnOperation() override {
    // Most tasks have none, and looking for one is quicker than rewriting.
    auto isMath = [](Operation *op) {
      return isa_and_nonnull<math::MathDialect>(op->getDialect())
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    };
    if (!getOperation()->walk(isMath).wasInterrupted())
      return;
    RewritePatternSet patterns(&getContext());
    populateMathPolynomialApproximationPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace gradmill
