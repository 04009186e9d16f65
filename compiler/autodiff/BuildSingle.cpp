// Inference and evaluation of one sample beside those of a batch:
// @infer_single, @loss_single. Without them a host would run a whole batch for
// one image, or compile the model twice. The samples of a data set that do not
// fill a batch also run one by one.
//
// requires: @infer and perhaps @loss, with static shapes. maintains: both are
// untouched. A function that works for one batch size only (it holds a constant
// with a value per image, for example, or a call) has no second form.
#include "compiler/autodiff/SpecializeBatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_BUILDSINGLE
#include "compiler/Passes.h.inc"

namespace {

// Infers all types again, for a batch of one. Fails silently.
LogicalResult specialize(func::FuncOp func) {
  Block &block = func.front();
  for (BlockArgument arg : block.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(arg.getType());
    if (!type || type.getRank() < 1)
      return failure();
    SmallVector<int64_t> shape(type.getShape());
    shape[0] = 1;
    arg.setType(nn::withShape(type, shape));
  }
  for (Operation &op : block) {
    if (isa<nn::ParameterOp, func::ReturnOp>(op))
      continue;
    auto infer = dyn_cast<InferTypeOpInterface>(op);
    // Nothing is known about such an op with another batch.
    if (!infer || failed(inferAnew(infer, std::nullopt)))
      return failure();
  }
  func.setFunctionType(
      FunctionType::get(func.getContext(), block.getArgumentTypes(),
                        block.getTerminator()->getOperandTypes()));
  if (failed(verify(func)))
    return failure();
  // A call would still name a function for whole batches. Verifying this
  // function alone does not look at other symbols.
  SymbolTableCollection symbols;
  WalkResult uses = func.walk([&](SymbolUserOpInterface user) {
    return failed(user.verifySymbolUses(symbols)) ? WalkResult::interrupt()
                                                  : WalkResult::advance();
  });
  return failure(uses.wasInterrupted());
}

struct BuildSinglePass : impl::BuildSingleBase<BuildSinglePass> {
  using BuildSingleBase::BuildSingleBase;
  void runOnOperation() override {
    ScopedDiagnosticHandler quiet(&getContext(),
                                  [](Diagnostic &) { return success(); });
    for (StringRef does : {"infer", "loss"}) {
      if (does == "infer" && !inference)
        continue;
      auto func = getOperation().lookupSymbol<func::FuncOp>(does);
      if (!func || entryOf(func) != does || batchOf(func) == 1)
        continue;
      func::FuncOp single = func.clone();
      single.setName((does + "_single").str());
      getOperation().insert(std::next(func->getIterator()), single);
      if (failed(specialize(single)))
        single.erase();
    }
  }
};
} // namespace
} // namespace gradmill
