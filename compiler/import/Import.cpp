// Chooses the reader of a file, gives it the bytes, and checks the result.
#include "compiler/import/Import.h"
#include "compiler/import/CheckGraph.h"
#include "compiler/import/MlirErrors.h"
#include "compiler/import/MlirText.h"
#include "compiler/import/net/ReadNet.h"
#ifdef GRADMILL_ONNX
#include "compiler/import/onnx/ReadOnnx.h"
#endif
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using llvm::MemoryBuffer;

namespace gradmill {

// Reads a whole regular file. It is never mapped, because it may change
// meanwhile.
static std::unique_ptr<MemoryBuffer> readFile(llvm::StringRef path,
                                              MLIRContext &context) {
  auto fail = [&](llvm::StringRef reason) {
    fileError(&context, path, "graph_io") << "cannot read the file: " << reason;
    return nullptr;
  };
  if (path == "-") {
    auto buffer = MemoryBuffer::getSTDIN();
    return buffer ? std::move(*buffer) : fail(buffer.getError().message());
  }
  llvm::sys::fs::file_status status;
  if (std::error_code code = llvm::sys::fs::status(path, status))
    return fail(code.message());
  if (status.type() != llvm::sys::fs::file_type::regular_file)
    return fail("not a regular file; use \"-\" for standard input");
  if (status.getSize() > kMaxGmgBytes)
    return fail("it is larger than 2 GiB");
  auto buffer = MemoryBuffer::getFile(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/true,
      /*IsVolatile=*/true, llvm::Align(kWeightAlignment));
  return buffer ? std::move(*buffer) : fail(buffer.getError().message());
}

static OwningOpRef<ModuleOp> readMlir(std::unique_ptr<MemoryBuffer> buffer,
                                      MLIRContext &context) {
  context.loadDialect<func::FuncDialect>();
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  // Wraps top-level functions without `module` into one.
  return mlir::parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
}

static OwningOpRef<ModuleOp> readText(std::unique_ptr<MemoryBuffer> buffer,
                                      llvm::StringRef path,
                                      MLIRContext &context) {
  if (auto fault = findForeignText(buffer->getBuffer())) {
    llvm::StringRef before = buffer->getBuffer().take_front(fault->offset);
    size_t line = before.count('\n') + 1,
           column = fault->offset - (before.rfind('\n') + 1) + 1;
    emitError(FileLineColLoc::get(&context, path, line, column))
        << "[graph_text] " << fault->message;
    return {};
  }
  return readMlir(std::move(buffer), context);
}

// The file's name gives the format. Standard input has no name; its first bytes
// decide.
static std::optional<GraphFormat> chooseFormat(llvm::StringRef path,
                                               llvm::StringRef bytes,
                                               MLIRContext &context,
                                               const ImportOptions &options) {
  auto fail = [&](llvm::StringRef label) {
    return fileError(&context, path, label);
  };
  std::optional<GraphFormat> told = formatOfBytes(bytes), format;
  GraphFormat text =
      looksLikeNet(bytes) ? GraphFormat::Net : GraphFormat::Mlir;
  format = path == "-" ? told.value_or(text) : formatOfPath(path);
  if (format == GraphFormat::Mlir && text == GraphFormat::Net)
    told = text;
  if (!format) {
    fail("graph_format")
        << "the name says no format that gradmill reads; accepted are "
        << acceptedFormats();
    return std::nullopt;
  }
  if (told && *told != *format) {
    fail("graph_format") << "by its content this is " << nameOf(*told)
                         << ", by its name " << nameOf(*format)
                         << "; give it the name of what it is";
    return std::nullopt;
  }
  if (*format != GraphFormat::Bytecode)
    return format;
  if (!options.allowBytecode) {
    fail("graph_bytecode")
        << "this is MLIR bytecode, and MLIR's reader can crash or hang on a "
           "damaged file; if you trust where it comes from, say "
           "--allow-bytecode";
    return std::nullopt;
  }
  if (!told) {
    fail("graph_format") << "this is no MLIR bytecode";
    return std::nullopt;
  }
  return format;
}

static OwningOpRef<ModuleOp> readModel(llvm::StringRef bytes,
                                       llvm::StringRef path,
                                       MLIRContext &context,
                                       const ImportOptions &options) {
#ifdef GRADMILL_ONNX
  return readOnnx(bytes, path, context, options);
#else
  fileError(&context, path, "onnx_off")
      << "this gradmill was built without ONNX (-DGRADMILL_ONNX=OFF)";
  return {};
#endif
}

static OwningOpRef<ModuleOp> read(GraphFormat format,
                                  std::unique_ptr<MemoryBuffer> buffer,
                                  llvm::StringRef path, MLIRContext &context,
                                  const ImportOptions &options) {
  switch (format) {
  case GraphFormat::Gmg:
    return readGmg(buffer->getBuffer(), path, context, options);
  case GraphFormat::Json:
    return readJson(buffer->getBuffer(), path, context, options);
  case GraphFormat::Mlir:
    return readText(std::move(buffer), path, context);
  case GraphFormat::Bytecode:
    return readMlir(std::move(buffer), context);
  case GraphFormat::Net:
    return readNet(buffer->getBuffer(), path, context, options);
  case GraphFormat::Onnx:
    return readModel(buffer->getBuffer(), path, context, options);
  }
  llvm_unreachable("all formats have a reader");
}

OwningOpRef<ModuleOp> importGraph(llvm::StringRef path, MLIRContext &context,
                                  const ImportOptions &options) {
  std::unique_ptr<MemoryBuffer> buffer = readFile(path, context);
  if (!buffer)
    return {};
  std::optional<GraphFormat> format =
      chooseFormat(path, buffer->getBuffer(), context, options);
  if (!format)
    return {};
  if (!options.settings.empty() && *format != GraphFormat::Net &&
      *format != GraphFormat::Onnx) {
    fileError(&context, path, "net_set")
        << "--set " << options.settings.front().first
        << ": only the text of a net (.net) and ONNX models have settings";
    return {};
  }
  // For messages that come after the parser has released the text.
  constexpr size_t kMaxQuoted = size_t(16) << 20;
  std::string text;
  if (*format == GraphFormat::Mlir && buffer->getBufferSize() <= kMaxQuoted)
    text = buffer->getBuffer().str();
  GraphErrors errors(context, text);
  OwningOpRef<ModuleOp> module =
      read(*format, std::move(buffer), path, context, options);
  if (!module || failed(checkGraph(*module)))
    return {};
  return module;
}

} // namespace gradmill
