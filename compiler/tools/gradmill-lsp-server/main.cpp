// The language server for editors: the text of a net, or MLIR with our dialect.
#include "NetServer.h"
#include "compiler/tools/Setup.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

static int fail(const llvm::Twine &message) {
  llvm::errs() << "gradmill-lsp-server: error: " << message << "\n";
  return 2;
}

int main(int argc, char **argv) {
  gradmill::Host host;
  std::vector<const char *> arguments(argv, argv + argc);
  if (llvm::Error error = gradmill::setUp(host, arguments))
    return fail(llvm::toString(std::move(error)));
  std::vector<const char *> rest;
  bool isMlir = false, isTest = false;
  for (llvm::StringRef argument : arguments) {
    if (argument == "--language=mlir" || argument == "--language=net")
      isMlir = argument.ends_with("mlir");
    else if (argument.starts_with("--language"))
      return fail(argument + ": the languages are --language=net, which is the "
                             "default, and --language=mlir");
    else
      rest.push_back(argument.data());
    isTest |= argument == "--lit-test";
  }
  if (isMlir) {
    gradmill::Host::compilerDialects().appendTo(host.dialects());
    mlir::registerAllDialects(host.dialects());
    return failed(mlir::MlirLspServerMain(
        int(rest.size()), const_cast<char **>(rest.data()), host.dialects()));
  }
  for (size_t i = 1; i < rest.size(); ++i) {
    llvm::StringRef argument = rest[i];
    if (argument == "--help") {
      llvm::outs()
          << "usage: gradmill-lsp-server [--language=net|mlir] [--plugin=FILE]\n"
             "\n"
             "Serves an editor over standard input and output (Language Server "
             "Protocol).\n"
             "  --language=net   the text of a net, .net (default)\n"
             "  --language=mlir  MLIR text, .mlir; --help lists more options\n"
             "  --plugin=FILE    with the ops of a plugin\n"
             "  --lit-test       messages as in a test: between lines of // -----\n";
      return 0;
    }
    if (argument != "--lit-test")
      return fail("unknown option " + argument + "; --help lists them");
  }
  return gradmill::lsp::serveNets(host, isTest);
}
