// Replaces ops by the simpler ops that they consist of (ExpandInterface), so
// that the fuser sees sums and formulas instead of layers. Then removes dead
// ops.
//
// requires: training or inference forms only. maintains: no op with
// ExpandInterface is left.
#include "compiler/Passes.h"
#include "compiler/plugin/Silence.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_EXPANDOPS
#include "compiler/Passes.h.inc"

namespace {
struct ExpandOpsPass : impl::ExpandOpsBase<ExpandOpsPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    // An expansion may contain ops that expand in turn.
    for (bool changed = true; changed;) {
      SmallVector<nn::ExpandInterface> ops;
      getOperation().walk([&](nn::ExpandInterface op) { ops.push_back(op); });
      changed = !ops.empty();
      for (nn::ExpandInterface op : ops) {
        rewriter.setInsertionPoint(op);
        if (failed(reportSilence(op, "expand",
                                 [&] { return op.expand(rewriter); })))
          return signalPassFailure();
      }
    }
    for (auto func : getOperation().getOps<func::FuncOp>())
      for (Operation &op :
           llvm::make_early_inc_range(llvm::reverse(func.front())))
        if (isOpTriviallyDead(&op))
          op.erase();
  }
};
} // namespace
} // namespace gradmill
