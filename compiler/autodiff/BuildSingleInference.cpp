// A second inference beside @infer: @infer_single, for one image. Who asks
// about one image would otherwise wait for a whole batch, or compile the model
// twice.
//
// requires: @infer, with static shapes.
// maintains: @infer is untouched. Where the graph is for one batch size only
// (it holds a constant with a value per image, say, or a call), there is no
// second one.
#include "compiler/autodiff/SpecializeBatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_BUILDSINGLEINFERENCE
#include "compiler/Passes.h.inc"

namespace {

// All types anew, for a batch of one. Fails without a word.
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
    // Without: who knows what it makes of another batch.
    if (!infer || failed(inferAnew(infer, std::nullopt)))
      return failure();
  }
  func.setFunctionType(
      FunctionType::get(func.getContext(), block.getArgumentTypes(),
                        block.getTerminator()->getOperandTypes()));
  if (failed(verify(func)))
    return failure();
  // A call would still be to a function for whole batches; verifying this
  // function alone does not look at other symbols.
  SymbolTableCollection symbols;
  WalkResult uses = func.walk([&](SymbolUserOpInterface user) {
    return failed(user.verifySymbolUses(symbols)) ? WalkResult::interrupt()
                                                  : WalkResult::advance();
  });
  return failure(uses.wasInterrupted());
}

struct BuildSingleInferencePass
    : impl::BuildSingleInferenceBase<BuildSingleInferencePass> {
  void runOnOperation() override {
    auto infer = getOperation().lookupSymbol<func::FuncOp>("infer");
    if (!infer || infer.getNumArguments() != 1)
      return;
    auto images = dyn_cast<RankedTensorType>(infer.getArgumentTypes().front());
    if (!images || images.getRank() < 1 || images.getDimSize(0) == 1)
      return;
    func::FuncOp single = infer.clone();
    single.setName("infer_single");
    getOperation().insert(std::next(infer->getIterator()), single);
    ScopedDiagnosticHandler quiet(&getContext(),
                                  [](Diagnostic &) { return success(); });
    if (failed(specialize(single)))
      single.erase();
  }
};
} // namespace
} // namespace gradmill
