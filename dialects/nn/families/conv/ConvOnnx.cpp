// The forms in ONNX, which has the same layouts of filters.
#include "ConvOnnx.h"
#include "Conv.h"
#include "nn/Onnx.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

template <typename Op> SmallVector<OnnxAttribute> windowOf(Op op) {
  ConvWindow window = convWindowOf(op);
  ArrayRef<int64_t> kernel = typeOf(op.getFilter()).getShape().take_back(2);
  SmallVector<int64_t> pads{window.padding[0], window.padding[1],
                            window.paddingEnd(0), window.paddingEnd(1)};
  return {{"kernel_shape", kernel},
          {"strides", window.stride},
          {"pads", ArrayRef<int64_t>(pads)},
          {"dilations", window.dilation},
          {"group", window.groups}};
}

LogicalResult writeConv(Conv2DOp op, OnnxWriter &w) {
  return w.give(op, w.node("Conv", w.operands(op), windowOf(op)));
}

LogicalResult writeConvTranspose(ConvTranspose2DOp op, OnnxWriter &w) {
  SmallVector<OnnxAttribute> attributes = windowOf(op);
  attributes.push_back({"output_padding", op.getOutputPadding()});
  return w.give(op, w.node("ConvTranspose", w.operands(op), attributes));
}

} // namespace

void addConvOnnxForms(Registry &registry) {
  registry.onnx<Conv2DOp>(writeConv);
  registry.onnx<ConvTranspose2DOp>(writeConvTranspose);
}

} // namespace gradmill::nn
