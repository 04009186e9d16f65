// The forms in ONNX: Gemm for rows of features, MatMul for all else.
#include "DenseOnnx.h"
#include "Dense.h"
#include "nn/Onnx.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

OnnxValue exchangeLast(OnnxWriter &w, Value value) {
  SmallVector<int64_t> order(llvm::to_vector(llvm::seq<int64_t>(0, typeOf(value).getRank())));
  std::swap(order[order.size() - 2], order[order.size() - 1]);
  return w.node("Transpose", {w.value(value)}, {{"perm", ArrayRef<int64_t>(order)}});
}

LogicalResult writeLinear(LinearOp op, OnnxWriter &w) {
  if (typeOf(op.getInput()).getRank() == 2)
    return w.give(op, w.node("Gemm", w.operands(op), {{"transB", 1}}));
  OnnxValue y = w.node("MatMul", {w.value(op.getInput()),
                                  exchangeLast(w, op.getWeight())});
  if (op.getBias())
    y = w.node("Add", {y, w.value(op.getBias())});
  return w.give(op, y);
}

LogicalResult writeMatmul(MatmulOp op, OnnxWriter &w) {
  auto side = [&](Value value, bool isTransposed) {
    return isTransposed ? exchangeLast(w, value) : w.value(value);
  };
  return w.give(op, w.node("MatMul", {side(op.getLhs(), op.getTransposeLhs()),
                                      side(op.getRhs(), op.getTransposeRhs())}));
}

} // namespace

void addDenseOnnxForms(Registry &registry) {
  registry.onnx<LinearOp>(writeLinear);
  registry.onnx<MatmulOp>(writeMatmul);
}

} // namespace gradmill::nn
