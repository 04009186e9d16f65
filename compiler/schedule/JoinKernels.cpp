// Where the results of two ops are added up and nothing else reads them, one
// kernel may compute the sum (JoinInterface): the second result needs no tensor
// of its own, and is not read again. Two convolutions that read one value, as
// at the start of a residual block, meet so in its cotangent.
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

// The op that makes `v` for one reader.
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
    // What the sum took over from them may be needed no more.
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
