#include "compiler/tools/numeric/Record.h"
#include "compiler/Error.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace gradmill::numeric {

llvm::Error record(const CompileResult &result, func::FuncOp func,
                   const Inputs &inputs, const InterpreterResult &expected,
                   StringRef what, double tolerance, const std::string &stem) {
  const llvm::json::Object &entry =
      *result.manifest.getObject("entries")->getObject("f");
  std::vector<Row> rows = tableOf(result.manifest, "f");
  std::vector<Buffer> buffers = fillBuffers(rows, valuesOf(inputs));
  std::string header, content;
  llvm::raw_string_ostream lines(header), bytes(content);
  lines << "name " << func.getName() << ": " << what << "\ntolerance "
        << llvm::formatv("{0:e2}", tolerance) << "\nscratch "
        << entry.getInteger("scratch_bytes").value_or(0) << "\n";
  size_t output = 0;
  for (auto [buffer, row] : llvm::zip_equal(buffers, rows)) {
    StringRef kind = row.kind, dtype = "-";
    const nn::RefTensor *want = nullptr;
    if (kind == "state") {
      dtype = row.dtype;
      auto assigned = expected.assigned.find(row.name);
      want = assigned == expected.assigned.end() ? &inputs.state.at(row.name)
                                                 : &assigned->second;
    } else if (kind == "output") {
      dtype = row.dtype;
      want = &expected.results[output++];
    } else if (kind != "arena") {
      kind = "input";
    }
    lines << "buffer " << kind << " " << dtype << " " << buffer.bytes << " "
          << (want ? want->data.size() : 0) << "\n";
    if (kind == "input" || kind == "state")
      bytes << StringRef(buffer.data, buffer.bytes);
    if (want)
      bytes << StringRef(reinterpret_cast<const char *>(want->data.data()),
                         want->data.size() * sizeof(double));
  }
  std::error_code error;
  llvm::raw_fd_ostream file(stem + ".case", error);
  if (error)
    return fail("[file] " + stem + ".case: " + error.message());
  file << header << "\n" << content;
  return linkSharedLibrary(result.objects, stem + ".so");
}

} // namespace gradmill::numeric
