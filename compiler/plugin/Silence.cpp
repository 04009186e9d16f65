#include "compiler/plugin/Silence.h"
#include "compiler/Passes.h"
#include "mlir/Pass/PassInstrumentation.h"
#include <mutex>

using namespace mlir;

namespace gradmill {

LogicalResult reportSilence(Operation *op, StringRef function,
                            llvm::function_ref<LogicalResult()> call) {
  ErrorWatch errors(op->getContext());
  // The call may replace the op.
  OperationName name = op->getName();
  Location loc = op->getLoc();
  if (succeeded(call()))
    return success();
  if (!errors.sawError()) {
    std::string family =
        registryOf(op->getContext()).familyOf(name.getStringRef());
    emitError(loc) << "[silent_failure] " << function << " of '" << name
                   << "' failed and reported no error; that is a bug of "
                   << (family.empty() ? "the op" : "the family \"" + family + "\"")
                   << ": it must call emitOpError before it returns failure()";
  }
  return failure();
}

namespace {
class SilentPasses : public PassInstrumentation {
public:
  explicit SilentPasses(const ErrorWatch &errors) : errors(errors) {}
  // A pass that runs on many functions at once fails first; its errors come when
  // all have ended, and then the module's failure.
  void runAfterPassFailed(Pass *pass, Operation *op) override {
    StringRef argument = pass->getArgument();
    std::lock_guard lock(mutex);
    if (name.empty())
      name = (argument.empty() ? pass->getName() : argument).str();
    if (!isa<ModuleOp>(op) || errors.sawError())
      return;
    emitError(op->getLoc())
        << "[silent_failure] the pass \"" << name
        << "\" failed and reported no error; that is a bug of the pass: it must "
           "emit one before signalPassFailure()";
  }

private:
  const ErrorWatch &errors;
  std::mutex mutex;
  std::string name; // of the first that failed
};
} // namespace

void reportSilentPasses(PassManager &pm, const ErrorWatch &errors) {
  pm.addInstrumentation(std::make_unique<SilentPasses>(errors));
}

} // namespace gradmill
