// Chooses the reader of a file and hands it the bytes.
#include "compiler/import/Import.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using llvm::MemoryBuffer;

namespace gradmill {

// Reads a regular file whole, never maps it: it may change under us.
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

static OwningOpRef<ModuleOp> importMlir(std::unique_ptr<MemoryBuffer> buffer,
                                        MLIRContext &context) {
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  // Top-level functions without `module` are wrapped into one.
  return mlir::parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
}

OwningOpRef<ModuleOp> importGraph(llvm::StringRef path, MLIRContext &context,
                                  const ImportOptions &options) {
  std::unique_ptr<MemoryBuffer> buffer = readFile(path, context);
  if (!buffer)
    return {};
  std::optional<GraphFormat> format = formatOfBytes(buffer->getBuffer());
  if (!format)
    format = path == "-" ? GraphFormat::Mlir : formatOfPath(path);
  if (!format) {
    fileError(&context, path, "graph_format")
        << "not a graph file that gradmill reads; accepted are "
        << acceptedFormats();
    return {};
  }
  switch (*format) {
  case GraphFormat::Gmg:
    return importGmg(buffer->getBuffer(), path, context, options);
  case GraphFormat::Json:
    return importJson(buffer->getBuffer(), path, context, options);
  case GraphFormat::Mlir:
  case GraphFormat::Bytecode:
    return importMlir(std::move(buffer), context);
  }
  llvm_unreachable("all formats have a reader");
}

} // namespace gradmill
