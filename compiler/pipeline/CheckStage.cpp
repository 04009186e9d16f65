#include "compiler/pipeline/CheckStage.h"
#include "compiler/vector/KernelReport.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace gradmill {
namespace {

bool isNN(Operation *op) {
  return isa_and_nonnull<nn::NNDialect>(op->getDialect());
}

// Whether `op` may stand in an entry function after the stage.
bool isLegal(Stage stage, Operation *op) {
  switch (stage) {
  case Stage::Graph:
    return true; // any dialect: plugins bring their own
  case Stage::Train:
    return !isa<func::CallOp>(op);
  case Stage::Schedule:
  case Stage::Fuse:
    return !isa<nn::ExpandInterface>(op) && !isa<func::CallOp>(op);
  case Stage::Vector:
    return !isNN(op) && !isa<memref::AllocOp, memref::AllocaOp>(op);
  case Stage::LLVM:
    return isa_and_nonnull<LLVM::LLVMDialect>(op->getDialect());
  }
  return false;
}

class CheckStagePass
    : public PassWrapper<CheckStagePass, OperationPass<ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CheckStagePass)
  explicit CheckStagePass(Stage stage)
      : stage(stage), argument("check-stage-" + stageName(stage).str()) {}
  StringRef getName() const final { return "CheckStage"; }
  StringRef getArgument() const final { return argument; }
  StringRef getDescription() const final {
    return "Check what IR may exist after a stage";
  }

  void runOnOperation() override {
    // Once per stage. After every pass it took a fifth of their time.
    if (failed(mlir::verify(getOperation())))
      return signalPassFailure();
    for (Operation &top : getOperation().getBody()->getOperations()) {
      if (!top.hasAttr(kEntryAttr) && !top.hasAttr(kKernelAttr))
        continue;
      top.walk([&](Operation *op) {
        if (op == &top || isLegal(stage, op))
          return;
        op->emitError() << "[stage_" << stageName(stage) << "] '"
                        << op->getName() << "' is left over after the stage \""
                        << stageName(stage) << "\"";
        signalPassFailure();
      });
    }
  }

private:
  Stage stage;
  std::string argument;
};
} // namespace

std::unique_ptr<Pass> createCheckStage(Stage stage) {
  return std::make_unique<CheckStagePass>(stage);
}

} // namespace gradmill
