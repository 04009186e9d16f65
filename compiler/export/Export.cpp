#include "compiler/export/Export.h"
#include "compiler/ErrorWatch.h"
#include "compiler/export/GmgWriter.h"
#include "compiler/export/WriteNet.h"
#include "compiler/import/Json.h"
#ifdef GRADMILL_ONNX
#include "compiler/export/onnx/WriteOnnx.h"
#endif
#include "files/Output.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill {

static std::string writeText(ModuleOp module, const ExportOptions &options) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  OpPrintingFlags flags;
  // A module that does not verify is printed in the generic form.
  module->print(stream, options.locations ? flags.enableDebugInfo() : flags);
  stream << "\n";
  return text;
}

static std::optional<std::string> writeBytecode(ModuleOp module,
                                                const ExportOptions &) {
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  if (succeeded(writeBytecodeToFile(module, stream,
                                    BytecodeWriterConfig("gradmill"))))
    return bytes;
  return std::nullopt;
}

static std::optional<std::string> writeJson(ModuleOp module,
                                            const ExportOptions &options) {
  std::optional<std::string> bytes = GmgWriter(options).write(module);
  if (!bytes)
    return std::nullopt;
  if (bytes->size() > kMaxJsonBytes / 2) {
    module.emitError("[gmg_too_large] a graph of ")
        << bytes->size() << " bytes is too large for JSON; use .gmg";
    return std::nullopt;
  }
  std::optional<std::string> text = gmgToJson(*bytes);
  if (!text)
    module.emitError(
        "[gmg_json] the graph cannot be written as JSON; use .gmg");
  return text;
}

static std::optional<std::string> writeModel(ModuleOp module,
                                             const ExportOptions &options) {
#ifdef GRADMILL_ONNX
  return writeOnnx(module, options);
#else
  module.emitError("[onnx_off] this gradmill was built without ONNX "
                   "(-DGRADMILL_ONNX=OFF)");
  return std::nullopt;
#endif
}

void registerExporters(Registry &registry) {
  registry.exporter({".net", "the text of a net",
                     [](ModuleOp module, const ExportOptions &) {
                       return writeNet(module);
                     }});
  registry.exporter({".mlir", "MLIR text", writeText});
  registry.exporter({".mlirbc", "MLIR bytecode", writeBytecode});
  registry.exporter({".gmg", "FlatBuffers",
                     [](ModuleOp module, const ExportOptions &options) {
                       return GmgWriter(options).write(module);
                     }});
  registry.exporter({".json", "JSON", writeJson});
  registry.exporter({".onnx", "ONNX", writeModel});
}

std::optional<std::string> writeGraph(ModuleOp module, llvm::StringRef extension,
                                      const ExportOptions &options) {
  const Registry &registry = registryBehind(module.getContext());
  const Exporter *format = registry.exporterOf(extension);
  if (!format) {
    module.emitError("[graph_format] there is no writer of ") << extension;
    return std::nullopt;
  }
  ErrorWatch errors(module.getContext());
  std::optional<std::string> bytes = format->write(module, options);
  if (!bytes && !errors.sawError())
    module.emitError("[silent_failure] the writer of ")
        << format->name << " (" << format->extension
        << ") failed and reported no error; that is a bug of \""
        << registry.originOf("exporter", format->extension)
        << "\": it must emit one";
  return bytes;
}

LogicalResult exportGraph(ModuleOp module, llvm::StringRef path,
                          llvm::StringRef extension,
                          const ExportOptions &options) {
  MLIRContext *context = module.getContext();
  const Registry &registry = registryBehind(context);
  if (extension.empty())
    extension = path;
  if (!registry.exporterOf(extension))
    return fileError(context, path, "graph_format")
           << "the name tells no format; accepted are "
           << acceptedFormats(registry.exporters());
  std::optional<std::string> bytes = writeGraph(module, extension, options);
  if (!bytes)
    return failure();
  if (path == "-") {
    llvm::outs() << *bytes; // the program checks that it was written
    return success();
  }
  if (rt::Status error = rt::writeFile(path.str(), {*bytes})) {
    llvm::StringRef reason = error->message;
    reason.consume_front((path + ": ").str());
    return fileError(context, path, "graph_io") << reason;
  }
  return success();
}

} // namespace gradmill
