// Chooses the reader of a file, gives it the bytes, and checks the result.
#include "compiler/import/Import.h"
#include "compiler/ErrorWatch.h"
#include "compiler/import/CheckGraph.h"
#include "compiler/import/MlirErrors.h"
#include "compiler/import/MlirText.h"
#include "compiler/import/net/ReadNet.h"
#ifdef GRADMILL_ONNX
#include "compiler/import/onnx/ReadOnnx.h"
#endif
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
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

static OwningOpRef<ModuleOp> readBytecode(std::unique_ptr<MemoryBuffer> buffer,
                                          llvm::StringRef path,
                                          MLIRContext &context,
                                          const ImportOptions &options) {
  if (!options.allowBytecode) {
    fileError(&context, path, "graph_bytecode")
        << "this is MLIR bytecode, and MLIR's reader can crash or hang on a "
           "damaged file; if you trust where it comes from, say "
           "--allow-bytecode";
    return {};
  }
  if (!isBytecode(buffer->getBuffer())) {
    fileError(&context, path, "graph_format") << "this is no MLIR bytecode";
    return {};
  }
  return readMlir(std::move(buffer), context);
}

// "MLIR text (.mlir)"
static std::string nameOf(const Importer &format) {
  return format.name + " (" + format.extension + ")";
}

// The format that the first bytes show; null if none does.
static const Importer *shownBy(llvm::StringRef bytes, const Registry &registry) {
  for (const Importer &format : registry.importers())
    if (format.begins && format.begins(bytes))
      return &format;
  return nullptr;
}

// The file's name gives the format. Standard input has no name; its first bytes
// decide.
static const Importer *chooseFormat(llvm::StringRef path, llvm::StringRef bytes,
                                    MLIRContext &context) {
  auto fail = [&]() { return fileError(&context, path, "graph_format"); };
  const Registry &registry = registryBehind(&context);
  const Importer *named = registry.importerOf(path == "-" ? ".mlir" : path);
  if (path == "-")
    if (const Importer *shown = shownBy(bytes, registry))
      return shown;
  if (!named) {
    fail() << "the name says no format that gradmill reads; accepted are "
           << acceptedFormats(registry.importers());
    return nullptr;
  }
  if (named->begins && named->begins(bytes))
    return named;
  const Importer *shown = shownBy(bytes, registry);
  // A text may begin with any word.
  if (shown && (named->begins || registry.originOf("importer", named->extension) == "gradmill")) {
    fail() << "by its content this is " << nameOf(*shown) << ", by its name "
           << nameOf(*named) << "; give it the name of what it is";
    return nullptr;
  }
  return named;
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

void registerImporters(Registry &registry) {
  using Buffer = std::unique_ptr<MemoryBuffer>;
  auto ofBytes = [](auto *read) {
    return [read](Buffer file, llvm::StringRef path, MLIRContext &context,
                  const ImportOptions &options) {
      return read(file->getBuffer(), path, context, options);
    };
  };
  registry.importer({".net", "the text of a net", ofBytes(readNet), looksLikeNet,
                     /*hasSettings=*/true});
  registry.importer({".mlir", "MLIR text",
                     [](Buffer file, llvm::StringRef path, MLIRContext &context,
                        const ImportOptions &) {
                       return readText(std::move(file), path, context);
                     }});
  registry.importer({".mlirbc", "MLIR bytecode", readBytecode, isBytecode});
  registry.importer({".gmg", "FlatBuffers", ofBytes(readGmg), isGmg});
  registry.importer({".json", "JSON", ofBytes(readJson), isJson});
  registry.importer({".onnx", "ONNX", ofBytes(readModel), isOnnx,
                     /*hasSettings=*/true});
}

// What a plugin has read must be valid as well. Its reader may fail without a
// word.
static OwningOpRef<ModuleOp> readBy(const Importer &format,
                                    std::unique_ptr<MemoryBuffer> buffer,
                                    llvm::StringRef path, MLIRContext &context,
                                    const ImportOptions &options) {
  ErrorWatch errors(&context);
  OwningOpRef<ModuleOp> module =
      format.read(std::move(buffer), path, context, options);
  if (module && failed(mlir::verify(*module)))
    module = {};
  if (!module && !errors.sawError())
    fileError(&context, path, "silent_failure")
        << "the reader of " << nameOf(format)
        << " failed and reported no error; that is a bug of \""
        << registryBehind(&context).originOf("importer", format.extension)
        << "\": it must emit one";
  return module;
}

OwningOpRef<ModuleOp> importGraph(llvm::StringRef path, MLIRContext &context,
                                  const ImportOptions &options) {
  std::unique_ptr<MemoryBuffer> buffer = readFile(path, context);
  if (!buffer)
    return {};
  const Importer *format = chooseFormat(path, buffer->getBuffer(), context);
  if (!format)
    return {};
  if (!options.settings.empty() && !format->hasSettings) {
    fileError(&context, path, "net_set")
        << "--set " << options.settings.front().first
        << ": only the text of a net (.net) and ONNX models have settings";
    return {};
  }
  // For messages that come after the parser has released the text.
  constexpr size_t kMaxQuoted = size_t(16) << 20;
  std::string text;
  if (format->extension == ".mlir" && buffer->getBufferSize() <= kMaxQuoted)
    text = buffer->getBuffer().str();
  GraphErrors errors(context, text);
  OwningOpRef<ModuleOp> module =
      readBy(*format, std::move(buffer), path, context, options);
  if (!module || failed(checkGraph(*module)))
    return {};
  return module;
}

} // namespace gradmill
