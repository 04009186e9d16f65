// conv2d and conv_transpose2d as layers: "conv2d(16, 3, padding=1)". Initial
// values are PyTorch's.
#include "Conv.h"

using namespace mlir;
using namespace gradmill::nn;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static LogicalResult checkImage(Layer &layer, StringRef label) {
  ArrayRef<int64_t> shape = layer.input().getShape();
  if (shape.size() == 4 && !ShapedType::isDynamic(shape[1]))
    return success();
  return violated(layer.loc(), label, "the input is ", shapeText(shape),
                  ", expected [N, C, H, W]");
}

// The filter [rows, columns, KH, KW], and a bias for each of `channels`, drawn
// from the range of the filter.
static void addFilter(Layer &layer, int64_t rows, int64_t columns,
                      ArrayRef<int64_t> kernel, int64_t channels) {
  SmallVector<int64_t> shape{rows, columns, kernel[0], kernel[1]};
  layer.parameter({"weight", shape});
  if (layer.has("bias"))
    layer.parameter({"bias",
                     {channels},
                     StringAttr::get(layer.input().getContext(), "kaiming_uniform"),
                     saturatingProduct(ArrayRef(shape).drop_front())});
}

// For both ops; `label` is the mnemonic. The first dimension of a filter is the
// layer's channels. A transposed filter has the channels of a group in its
// second dimension.
static LogicalResult describe(Layer &layer, const std::string &label,
                              bool isTransposed) {
  if (failed(checkImage(layer, label + "_c1")))
    return failure();
  int64_t groups = layer.attribute("groups", 1),
          channels = layer.input().getDimSize(1);
  std::optional<int64_t> filters;
  std::optional<SmallVector<int64_t>> size;
  if (auto given = layer.givenShape("weight"); given && given->size() == 4) {
    filters = isTransposed ? saturatingProduct({(*given)[1], groups})
                           : given->front();
    size = SmallVector<int64_t>(given->drop_front(2));
  }
  auto count = layer.size("channels", filters);
  if (failed(count))
    return failure();
  auto kernel = layer.sizes("kernel_size", 2, size);
  if (failed(kernel))
    return failure();
  if (groups < 1 || channels % groups || *count % groups)
    return violated(layer.loc(), label + "_c4", "groups is ", groups,
                    ", which does not divide the input's ", channels,
                    " channels and the layer's ", *count);
  int64_t rows = isTransposed ? channels : *count,
          columns = (isTransposed ? *count : channels) / groups;
  addFilter(layer, rows, columns, *kernel, *count);
  return success();
}

LogicalResult Conv2DOp::describeLayer(Layer &layer) {
  layer.order({"stride", "padding", "dilation", "groups"});
  return describe(layer, "conv2d", /*isTransposed=*/false);
}

SmallVector<LayerSize> Conv2DOp::getLayerSizes() {
  ArrayRef<int64_t> filter = ::shapeOf(getFilter());
  return {{"channels", {filter[0]}}, {"kernel_size", {filter[2], filter[3]}}};
}

LogicalResult ConvTranspose2DOp::describeLayer(Layer &layer) {
  layer.order({"stride", "padding", "output_padding", "groups", "dilation"});
  return describe(layer, "conv_transpose2d", /*isTransposed=*/true);
}

SmallVector<LayerSize> ConvTranspose2DOp::getLayerSizes() {
  ArrayRef<int64_t> filter = ::shapeOf(getFilter());
  return {{"channels", {filter[1] * int64_t(getGroups())}},
          {"kernel_size", {filter[2], filter[3]}}};
}
