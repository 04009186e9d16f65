// If the results of two ops are added and nothing else reads them, one kernel
// may compute the sum (JoinInterface). The second result then needs no tensor
// and is not read again. This happens in the cotangent of a value that two
// convolutions read, as at the start of a residual block.
//
// requires: plain nn ops. maintains: the same.
#include "compiler/Passes.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_JOINKERNELS
#include "compiler/Passes.h.inc"

namespace {

// The op that makes `v`, if `v` has one reader.
nn::JoinInterface producerOf(Value v) {
  return v.hasOneUse() ? v.getDefiningOp<nn::JoinInterface>()
                       : nn::JoinInterface();
}

struct JoinKernelsPass : impl::JoinKernelsBase<JoinKernelsPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    for (auto func : getOperation().getOps<func::FuncOp>())
      for (nn::AddOp add :
           llvm::make_early_inc_range(func.front().getOps<nn::AddOp>()))
        join(rewriter, add);
  }

  static void join(IRRewriter &rewriter, nn::AddOp add) {
    nn::JoinInterface lhs = producerOf(add.getLhs()),
                      rhs = producerOf(add.getRhs());
    if (!lhs || !rhs || lhs == rhs)
      return;
    rewriter.setInsertionPoint(add);
    Value sum = lhs.joinSum(rewriter, rhs);
    if (!sum)
      sum = rhs.joinSum(rewriter, lhs);
    if (!sum)
      return;
    rewriter.replaceOp(add, sum);
    // The ops that the sum has replaced may be dead now.
    llvm::SmallSetVector<Operation *, 4> makers;
    for (Operation *op : {lhs.getOperation(), rhs.getOperation()}) {
      for (Value operand : op->getOperands())
        if (Operation *maker = operand.getDefiningOp())
          makers.insert(maker);
      rewriter.eraseOp(op);
    }
    for (Operation *maker : makers)
      if (isOpTriviallyDead(maker))
        rewriter.eraseOp(maker);
  }
};
} // namespace
} // namespace gradmill
