// libFuzzer: any bytes, as .gmg, as JSON and as the text of a net. Build with -DGRADMILL_FUZZ=ON and
// -DGRADMILL_SANITIZE=ON; a seed is any graph written by gradmill.
#include "compiler/import/CheckGraph.h"
#include "compiler/import/Import.h"
#include "compiler/import/net/ReadNet.h"
#include "mlir/IR/MLIRContext.h"
#include "nn/families/Families.h"

static const mlir::DialectRegistry &makeDialects() {
  static mlir::DialectRegistry dialects;
  dialects.insert<gradmill::nn::NNDialect>();
  static gradmill::Registry registry(dialects);
  std::vector<std::string> plugins;
  gradmill::registerBuiltinFamilies(registry, plugins);
  return dialects;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const mlir::DialectRegistry &dialects = makeDialects();
  // A context keeps every attribute it has seen, so each input gets its own.
  mlir::MLIRContext context(dialects, mlir::MLIRContext::Threading::DISABLED);
  context.allowUnregisteredDialects(size % 2);
  context.getDiagEngine().registerHandler([](mlir::Diagnostic &) {});
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  auto module = gradmill::looksLikeNet(bytes)
                    ? gradmill::readNet(bytes, "fuzz.net", context)
                : bytes.ltrim().starts_with("{")
                    ? gradmill::readJson(bytes, "fuzz.json", context)
                    : gradmill::readGmg(bytes, "fuzz.gmg", context);
  if (module)
    (void)gradmill::checkGraph(*module);
  return 0;
}
