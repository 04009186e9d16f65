// The forms in ONNX. Which windows ceil_mode adds, and what a mean counts there,
// is not the same in all programs that read ONNX. So the padding is written that
// gives just these windows.
#include "PoolOnnx.h"
#include "Pool.h"
#include "nn/Onnx.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

SmallVector<OnnxAttribute> windowOf(const PoolShape &s, ArrayRef<int64_t> pads) {
  return {{"kernel_shape", ArrayRef<int64_t>(s.kernel)},
          {"strides", ArrayRef<int64_t>(s.stride)},
          {"pads", pads}};
}

// So much padding at the end that the last window just fits.
int64_t endPadding(const PoolShape &s, int axis) {
  return std::max(s.paddingEnd[axis], s.end(axis) - s.in[axis]);
}

LogicalResult writeMaxPool(MaxPool2DOp op, OnnxWriter &w) {
  PoolShape s = shapeOf(op);
  SmallVector<OnnxAttribute> attributes = windowOf(
      s, {s.padding[0], s.padding[1], endPadding(s, 0), endPadding(s, 1)});
  attributes.push_back({"dilations", ArrayRef<int64_t>(s.dilation)});
  return w.give(op, w.node("MaxPool", w.operands(op), attributes));
}

// What counts as zeros is padded with zeros first, if some padding does not
// count.
LogicalResult writeAvgPool(AvgPool2DOp op, OnnxWriter &w) {
  PoolShape s = shapeOf(op);
  Value input = op.getInput();
  OnnxValue x = w.value(input);
  SmallVector<int64_t> pads{s.padding[0], s.padding[1], endPadding(s, 0),
                            endPadding(s, 1)};
  bool counts = op.getCountIncludePad();
  if (counts && s.leavesPadding()) {
    x = w.node("Pad", {x,
                       w.ints({0, 0, s.padding[0], s.padding[1], 0, 0,
                               s.paddingEnd[0], s.paddingEnd[1]}),
                       w.scalar(input, 0)});
    pads = {0, 0, pads[2] - s.paddingEnd[0], pads[3] - s.paddingEnd[1]};
    counts = false;
  }
  SmallVector<OnnxAttribute> attributes = windowOf(s, pads);
  attributes.push_back({"count_include_pad", counts});
  return w.give(op, w.node("AveragePool", {x}, attributes));
}

// The share that each pixel of an axis has in each window: [out, in].
OnnxValue shares(OnnxWriter &w, Value like, int64_t in, int64_t out, bool isTransposed) {
  auto share = [&](int64_t o, int64_t i) {
    int64_t first = o * in / out, end = ((o + 1) * in + out - 1) / out;
    return i >= first && i < end ? 1.0 / double(end - first) : 0.0;
  };
  if (isTransposed)
    return w.table(like, {in, out},
                   [&](int64_t at) { return share(at % out, at / out); });
  return w.table(like, {out, in},
                 [&](int64_t at) { return share(at / in, at % in); });
}

// Windows of one size are those of AveragePool. Others are products with
// matrices.
LogicalResult writeAdaptive(AdaptiveAvgPool2DOp op, OnnxWriter &w) {
  Value input = op.getInput();
  ArrayRef<int64_t> in = typeOf(input).getShape().take_back(2),
                    out = op.getOutputSize();
  OnnxValue x = w.value(input);
  if (in[0] % out[0] == 0 && in[1] % out[1] == 0) {
    SmallVector<int64_t> kernel{in[0] / out[0], in[1] / out[1]};
    return w.give(op, w.node("AveragePool", {x},
                             {{"kernel_shape", ArrayRef<int64_t>(kernel)},
                              {"strides", ArrayRef<int64_t>(kernel)}}));
  }
  constexpr int64_t kMost = 1 << 20; // numbers of a matrix
  if (in[0] * out[0] > kMost || in[1] * out[1] > kMost)
    return w.refuse("of so many pixels to a size that does not divide them");
  OnnxValue rows = w.node("MatMul", {shares(w, input, in[0], out[0], false), x});
  return w.give(op, w.node("MatMul", {rows, shares(w, input, in[1], out[1], true)}));
}

} // namespace

void addPoolOnnxForms(Registry &registry) {
  registry.onnx<MaxPool2DOp>(writeMaxPool);
  registry.onnx<AvgPool2DOp>(writeAvgPool);
  registry.onnx<GlobalAvgPoolOp>("GlobalAveragePool");
  registry.onnx<AdaptiveAvgPool2DOp>(writeAdaptive);
}

} // namespace gradmill::nn
