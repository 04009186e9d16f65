// The form in ONNX. With align_corners ONNX asks for the size: of a scale it would
// count fractions of a pixel.
#include "ResizeOnnx.h"
#include "Resize.h"
#include "nn/Onnx.h"

using namespace mlir;

namespace gradmill::nn {

static LogicalResult writeResize(Resize2DOp op, OnnxWriter &w) {
  Value input = op.getInput();
  bool isBilinear = op.getMode() == "bilinear", corners = op.getAlignCorners();
  OnnxValue none, scales, sizes;
  if (auto scale = op.getScale(); scale && !corners)
    scales = w.constant(DenseElementsAttr::get(
        RankedTensorType::get({2}, Float32Type::get(op.getContext())),
        ArrayRef<float>{float((*scale)[0]), float((*scale)[1])}));
  else
    sizes = w.ints(typeOf(op.getOutput()).getShape().take_back(2));
  SmallVector<OnnxAttribute> attributes{
      {"axes", ArrayRef<int64_t>{2, 3}},
      {"mode", isBilinear ? "linear" : "nearest"},
      {"coordinate_transformation_mode",
       corners ? "align_corners" : isBilinear ? "half_pixel" : "asymmetric"}};
  if (!isBilinear)
    attributes.push_back({"nearest_mode", "floor"});
  return w.give(op, w.node("Resize", {w.value(input), none, scales, sizes}, attributes));
}

void addResizeOnnxForms(Registry &registry) {
  registry.onnx<Resize2DOp>(writeResize);
}

} // namespace gradmill::nn
