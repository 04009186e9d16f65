// mlir-opt with our dialect, passes and plugins.
#include "compiler/Passes.h"
#include "compiler/tools/Setup.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  gradmill::Host host;
  std::vector<const char *> arguments(argv, argv + argc);
  llvm::Error error = gradmill::registerBuiltins(host);
  if (!error)
    error = gradmill::loadPlugins(host, arguments);
  if (error) {
    llvm::errs() << "gradmill-opt: error: " << llvm::toString(std::move(error))
                 << "\n";
    return 2;
  }
  mlir::registerAllDialects(host.dialects());
  mlir::registerAllPasses();
  gradmill::registerGradmillPasses();
  for (const gradmill::StagePass &pass : host.registry().passes())
    mlir::registerPass([create = pass.create] { return create(); });
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      int(arguments.size()), const_cast<char **>(arguments.data()),
      "Gradmill optimizer driver\n", host.dialects()));
}
