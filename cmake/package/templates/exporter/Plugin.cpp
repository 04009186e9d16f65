// The format @name@: files NAME.@name@ with a line for each op of @main and its shape.
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nn/Formats.h"
#include "nn/Registry.h"

using namespace mlir;
using namespace gradmill;
using namespace gradmill::nn;

// Nothing after an error at the op that has no form.
static std::optional<std::string> writeText(ModuleOp module, const ExportOptions &) {
  auto function = module.lookupSymbol<func::FuncOp>("main");
  if (!function) {
    module.emitError("[@name@] the graph has no @main");
    return std::nullopt;
  }
  std::string text;
  for (Operation &op : function.getOps())
    if (op.getNumResults() == 1 && !isa<ParameterOp>(op))
      text += op.getName().stripDialect().str() + " " + shapeText(typeOf(op.getResult(0)).getShape()) + "\n";
  return text;
}

GRADMILL_PLUGIN(@name@) { registry.exporter({".@name@", "ops and their shapes", writeText}); }
