#include "nn/CoreOnnx.h"
#include "nn/Onnx.h"
#include "nn/Registry.h"

using namespace mlir;

namespace gradmill::nn {

static LogicalResult writeConstant(ConstantOp op, OnnxWriter &w) {
  return w.give(op, w.constant(cast<DenseElementsAttr>(op.getValue())));
}

// In Expand's shape a 1 is the size that is there, as a 0 is in ours.
static LogicalResult writeBroadcast(BroadcastOp op, OnnxWriter &w) {
  SmallVector<int64_t> shape(op.getShape());
  for (int64_t &size : shape)
    size = size == 0 ? 1 : size;
  return w.give(op, w.node("Expand", {w.value(op.getInput()), w.ints(shape)}));
}

static LogicalResult writeWeightedSum(WeightedSumOp op, OnnxWriter &w) {
  SmallVector<OnnxValue> terms;
  for (auto [input, weight] : llvm::zip_equal(op.getInputs(), op.getWeights()))
    terms.push_back(weight == 1 ? w.value(input)
                                : w.node("Mul", {w.value(input),
                                                 w.scalar(input, weight)}));
  return w.give(op, w.node("Sum", terms));
}

// Parameters are the writer's own: they are tensors of the model, no nodes.
void addCoreOnnxForms(Registry &registry) {
  registry.onnx<ConstantOp>(writeConstant);
  registry.onnx<AddOp>("Add");
  registry.onnx<BroadcastOp>(writeBroadcast);
  registry.onnx<WeightedSumOp>(writeWeightedSum);
}

} // namespace gradmill::nn
