// mlir-opt with our dialect, passes and plugins.
#include "compiler/Passes.h"
#include "compiler/autodiff/Spec.h"
#include "compiler/pipeline/CheckStage.h"
#include "compiler/tools/Setup.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

// --NAME, or with options --NAME='limit=2,scale=1'.
static void registerPluginPass(const gradmill::StagePass &pass) {
  mlir::registerPassPipeline(
      pass.name, pass.doc.empty() ? "A plugin's pass" : pass.doc,
      [&pass](mlir::OpPassManager &pm, llvm::StringRef text,
              llvm::function_ref<mlir::LogicalResult(const llvm::Twine &)> fault)
          -> mlir::LogicalResult {
        auto options = gradmill::parsePassOptions(text, pass);
        if (!options)
          return fault(llvm::toString(options.takeError()));
        pm.addPass(pass.create(*options));
        return mlir::success();
      },
      [&pass](llvm::function_ref<void(const mlir::detail::PassOptions &)>) {});
}

int main(int argc, char **argv) {
  gradmill::Host host;
  std::vector<const char *> arguments(argv, argv + argc);
  if (llvm::Error error = gradmill::setUp(host, arguments)) {
    llvm::errs() << "gradmill-opt: error: " << llvm::toString(std::move(error))
                 << "\n";
    return 2;
  }
  gradmill::Host::compilerDialects().appendTo(host.dialects());
  mlir::registerAllDialects(host.dialects());
  gradmill::registerGradmillPasses();
  for (gradmill::Stage stage :
       {gradmill::Stage::Graph, gradmill::Stage::Train,
        gradmill::Stage::Schedule, gradmill::Stage::Fuse,
        gradmill::Stage::Vector, gradmill::Stage::LLVM})
    mlir::registerPass([stage] { return gradmill::createCheckStage(stage); });
  for (const gradmill::StagePass &pass : host.registry().passes())
    registerPluginPass(pass);
  // Among hundreds of MLIR's, ours would not be found.
  if (llvm::any_of(arguments, [](llvm::StringRef argument) {
        return argument == "--help" || argument == "-help" || argument == "-h";
      })) {
    llvm::outs() << "Gradmill's passes, and those of --plugin FILE:\n";
    mlir::printRegisteredPasses();
    for (const gradmill::StagePass &pass : host.registry().passes()) {
      llvm::outs() << "  --" << llvm::left_justify(pass.name, 33) << " -   " << pass.doc << "\n";
      for (const gradmill::Option &option : pass.options)
        llvm::outs() << "    =" << option.name << "=<number>: " << option.doc << "\n";
    }
    llvm::outs() << "\nMLIR's own, and all options:\n\n";
    llvm::outs().flush();
  }
  mlir::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      int(arguments.size()), const_cast<char **>(arguments.data()),
      "Gradmill optimizer driver\n", host.dialects()));
}
