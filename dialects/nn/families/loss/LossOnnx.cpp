// The forms in ONNX of what a model may end in. A loss is not part of a model
// that is written.
#include "LossOnnx.h"
#include "Loss.h"
#include "nn/Onnx.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

LogicalResult writeSoftmax(SoftmaxOp op, OnnxWriter &w) {
  return w.give(op, w.node("Softmax", w.operands(op), {{"axis", op.getAxis()}}));
}

LogicalResult writeLogSoftmax(LogSoftmaxOp op, OnnxWriter &w) {
  return w.give(op, w.node("LogSoftmax", w.operands(op), {{"axis", op.getAxis()}}));
}

LogicalResult writeSquaredError(SquaredErrorOp op, OnnxWriter &w) {
  OnnxValue error = w.node("Sub", w.operands(op));
  return w.give(op, w.node("Mul", {error, error}));
}

LogicalResult writeAbsoluteError(AbsoluteErrorOp op, OnnxWriter &w) {
  return w.give(op, w.node("Abs", {w.node("Sub", w.operands(op))}));
}

} // namespace

void addLossOnnxForms(Registry &registry) {
  registry.onnx<SoftmaxOp>(writeSoftmax);
  registry.onnx<LogSoftmaxOp>(writeLogSoftmax);
  registry.onnx<SquaredErrorOp>(writeSquaredError);
  registry.onnx<AbsoluteErrorOp>(writeAbsoluteError);
}

} // namespace gradmill::nn
