#include "compiler/export/Export.h"
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

std::optional<std::string> writeGraph(ModuleOp module, GraphFormat format,
                                      const ExportOptions &options) {
  switch (format) {
  case GraphFormat::Mlir:
    return writeText(module, options);
  case GraphFormat::Bytecode:
    return writeBytecode(module, options);
  case GraphFormat::Gmg:
    return GmgWriter(options).write(module);
  case GraphFormat::Json:
    return writeJson(module, options);
  case GraphFormat::Net:
    return writeNet(module);
  case GraphFormat::Onnx:
#ifdef GRADMILL_ONNX
    return writeOnnx(module, options);
#else
    module.emitError("[onnx_off] this gradmill was built without ONNX "
                     "(-DGRADMILL_ONNX=OFF)");
    return std::nullopt;
#endif
  }
  llvm_unreachable("all formats have a writer");
}

LogicalResult exportGraph(ModuleOp module, llvm::StringRef path,
                          std::optional<GraphFormat> format,
                          const ExportOptions &options) {
  MLIRContext *context = module.getContext();
  if (!format)
    format = formatOfPath(path);
  if (!format)
    return fileError(context, path, "graph_format")
           << "the name tells no format; accepted are " << acceptedFormats();
  std::optional<std::string> bytes = writeGraph(module, *format, options);
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
