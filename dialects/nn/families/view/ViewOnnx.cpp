// The forms in ONNX, which has the same rules for shapes and slices.
#include "ViewOnnx.h"
#include "View.h"
#include "nn/Onnx.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

LogicalResult writeReshape(ReshapeOp op, OnnxWriter &w) {
  return w.give(op, w.reshape(w.value(op.getInput()), op.getShape()));
}

LogicalResult writeFlatten(FlattenOp op, OnnxWriter &w) {
  return w.give(op, w.node("Flatten", w.operands(op), {{"axis", 1}}));
}

LogicalResult writeTranspose(TransposeOp op, OnnxWriter &w) {
  return w.give(op, w.node("Transpose", w.operands(op),
                           {{"perm", op.getPermutation()}}));
}

SmallVector<int64_t> axesOf(std::optional<ArrayRef<int64_t>> axes, size_t count) {
  return axes ? SmallVector<int64_t>(*axes)
              : llvm::to_vector(llvm::seq<int64_t>(0, int64_t(count)));
}

LogicalResult writeSlice(SliceOp op, OnnxWriter &w) {
  SmallVector<OnnxValue> inputs{
      w.value(op.getInput()), w.ints(op.getStarts()), w.ints(op.getEnds()),
      w.ints(axesOf(op.getAxes(), op.getStarts().size()))};
  if (auto strides = op.getStrides())
    inputs.push_back(w.ints(*strides));
  return w.give(op, w.node("Slice", inputs));
}

LogicalResult writeConcat(ConcatOp op, OnnxWriter &w) {
  return w.give(op, w.node("Concat", w.operands(op), {{"axis", op.getAxis()}}));
}

LogicalResult writePad(PaddingOp op, OnnxWriter &w) {
  Value x = op.getInput();
  int64_t rank = typeOf(x).getRank();
  SmallVector<int64_t> pads(2 * rank, 0);
  for (auto [i, axis] : llvm::enumerate(axesOf(op.getAxes(), op.getLow().size()))) {
    int64_t at = axis < 0 ? axis + rank : axis;
    pads[at] = op.getLow()[i];
    pads[rank + at] = op.getHigh()[i];
  }
  StringRef mode = op.getMode() == "replicate" ? "edge" : op.getMode();
  SmallVector<OnnxValue> inputs{w.value(x), w.ints(pads)};
  if (mode == "constant")
    inputs.push_back(w.scalar(x, op.getValue().convertToDouble()));
  return w.give(op, w.node("Pad", inputs, {{"mode", mode}}));
}

} // namespace

void addViewOnnxForms(Registry &registry) {
  registry.onnx<ReshapeOp>(writeReshape);
  registry.onnx<FlattenOp>(writeFlatten);
  registry.onnx<TransposeOp>(writeTranspose);
  registry.onnx<SliceOp>(writeSlice);
  registry.onnx<ConcatOp>(writeConcat);
  registry.onnx<PaddingOp>(writePad);
}

} // namespace gradmill::nn
