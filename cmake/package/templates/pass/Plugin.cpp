// The pass @name@, after the stage "graph": warns of values that are large.
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nn/Registry.h"

using namespace gradmill;

namespace {
class @Name@ : public mlir::PassWrapper<@Name@, mlir::OperationPass<mlir::ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(@Name@)
  @Name@(double mebibytes) : mebibytes(mebibytes) {}
  llvm::StringRef getName() const override { return "@Name@"; }
  llvm::StringRef getArgument() const override { return "@name@"; }
  llvm::StringRef getDescription() const override { return "Warns of large values"; }

  void runOnOperation() override {
    getOperation().walk([&](mlir::Operation *op) {
      for (mlir::Type type : op->getResultTypes()) {
        auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type);
        if (!tensor || !tensor.hasStaticShape())
          continue;
        double size = double(tensor.getNumElements()) * tensor.getElementTypeBitWidth() / 8 / (1 << 20);
        if (size > mebibytes)
          op->emitWarning("[@name@] '") << op->getName() << "' gives " << tensor;
      }
    });
  }

private:
  double mebibytes;
};
} // namespace

GRADMILL_PLUGIN(@name@) {
  registry.pass({Stage::Graph,
                 "@name@",
                 [](const OptionValues &o) { return std::make_unique<@Name@>(o.number("mebibytes")); },
                 "warns of large values",
                 {{"mebibytes", 64, 0, 1e6, "the largest that is not named"}}});
}
