// The forms in ONNX, for inference.
#include "NormOnnx.h"
#include "Norm.h"
#include "Normalize.h"
#include "nn/Onnx.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

// ONNX's momentum is the share that the running statistics keep.
LogicalResult writeBatchNorm(BatchNormOp op, OnnxWriter &w) {
  return w.give(op, w.node("BatchNormalization", w.operands(op),
                           {{"epsilon", op.getEps().convertToDouble()},
                            {"momentum", 1 - op.getMomentum().convertToDouble()}}));
}

// LayerNormalization has a scale that it cannot do without, and takes the last
// axes alone. So this is the formula, which every program that reads ONNX has.
LogicalResult writeNormalize(NormalizeOp op, OnnxWriter &w) {
  Value input = op.getInput();
  OnnxValue x = w.value(input), axes = w.ints(op.getAxes());
  OnnxValue centred =
      w.node("Sub", {x, w.node("ReduceMean", {x, axes}, {{"keepdims", 1}})});
  OnnxValue variance = w.node("ReduceMean", {w.node("Mul", {centred, centred}), axes},
                              {{"keepdims", 1}});
  OnnxValue shifted = w.node(
      "Add", {variance, w.scalar(input, op.getEps().convertToDouble())});
  return w.give(op, w.node("Div", {centred, w.node("Sqrt", {shifted})}));
}

} // namespace

void addNormOnnxForms(Registry &registry) {
  registry.onnx<BatchNormOp>(writeBatchNorm);
  registry.onnx<NormalizeOp>(writeNormalize);
}

} // namespace gradmill::nn
