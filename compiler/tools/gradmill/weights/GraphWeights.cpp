#include "GraphWeights.h"
#include "core/Manifest.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nn/NNDialect.h"
#include "report/Terminal.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill::cli {

static std::string dtypeOf(RankedTensorType type) {
  return type.getElementType().isF64() ? "F64" : "F32";
}

std::vector<rt::WantedTensor> tensorsOf(ModuleOp module) {
  std::vector<rt::WantedTensor> all;
  llvm::StringSet<> names;
  module.walk([&](nn::ParameterOp op) {
    auto type = cast<RankedTensorType>(op.getValue().getType());
    if (names.insert(op.getName()).second)
      all.push_back({op.getName().str(), dtypeOf(type), type.getShape().vec()});
  });
  return all;
}

rt::Status putWeights(ModuleOp module, const std::string &path) {
  auto file = rt::readWeights(path);
  if (!file)
    return file.error();
  auto &tensors = file->content.tensors;
  // What inference reads of a checkpoint; its other state is of no use here.
  for (rt::StoredTensor &tensor : tensors)
    if (const rt::StoredTensor *average = file->content.find(rt::averageOf(tensor.name)))
      tensor.data = average->data;
  std::erase_if(tensors, [](const rt::StoredTensor &tensor) {
    return StringRef(tensor.name).contains('/');
  });
  if (auto error = rt::editWeights(*file, {}, path))
    return error;
  if (auto error = rt::fitWeights(*file, tensorsOf(module), path))
    return error;
  printNotes(*file);
  module.walk([&](nn::ParameterOp op) {
    auto type = cast<RankedTensorType>(op.getValue().getType());
    const rt::StoredTensor *tensor = file->content.find(op.getName().str());
    ArrayRef<char> bytes(static_cast<const char *>(tensor->data), size_t(tensor->bytes));
    op.setInitAttr(DenseElementsAttr::getFromRawBuffer(type, bytes));
    op.removeFanInAttr();
  });
  return rt::ok;
}

void printNotes(const rt::WeightsFile &file) {
  for (const std::string &note : file.notes)
    llvm::errs() << "note: " << rt::printable(note) << "\n";
}

} // namespace gradmill::cli
