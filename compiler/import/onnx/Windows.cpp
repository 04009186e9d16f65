// Convolutions and pools. Their windows are those of images; those of sequences
// ([N, C, L]) are images of one row.
#include "Node.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace gradmill::onnx {
namespace {

constexpr int64_t kMaxNumber = int64_t(1) << 31; // of strides, paddings and so on

/// How a window moves over one or two dimensions.
struct Window {
  Sizes kernel, stride, dilation;
  Sizes low, high;   // padding
  std::string automatic; // "", or auto_pad: SAME_UPPER or SAME_LOWER
  bool isSequence = false;

  size_t rank() const { return kernel.size(); }
  /// [top, left, bottom, right], or [height, width] if both sides are alike.
  Sizes padding() const {
    Sizes both(low);
    if (low != high)
      both.append(high.begin(), high.end());
    return both;
  }
  bool isPadded() const {
    return llvm::any_of(low, [](int64_t p) { return p != 0; }) ||
           llvm::any_of(high, [](int64_t p) { return p != 0; });
  }
};

// The attributes that all operators with windows have. `kernel` if it is not
// among them.
FailureOr<Window> readWindow(Node &node, Value x, ArrayRef<int64_t> kernel) {
  Window window;
  int64_t rank = rankOf(x) - 2;
  if (rank != 1 && rank != 2)
    return node.error("onnx_shape") << "the input has " << rankOf(x)
                                    << " dimensions; 3 and 4 are supported";
  if (ShapedType::isDynamicShape(typeOf(x).getShape().drop_front()))
    return node.error("onnx_shape") << "a size of the input is not known";
  for (int64_t size : typeOf(x).getShape().drop_front(2))
    if (size >= kMaxNumber)
      return node.error("onnx_shape") << "the input has " << size << " pixels in a row";
  auto read = [&](StringRef name, int64_t otherwise, size_t count, Sizes &to) {
    to = node.sizes(name).value_or(Sizes(count, otherwise));
    return to.size() == count && llvm::all_of(to, [](int64_t n) {
             return n > -kMaxNumber && n < kMaxNumber;
           });
  };
  Sizes pads;
  window.kernel.assign(kernel.begin(), kernel.end());
  if (auto given = node.sizes("kernel_shape"))
    window.kernel = *given;
  bool isGood = window.kernel.size() == size_t(rank) &&
                llvm::all_of(window.kernel, [](int64_t n) { return n > 0 && n < kMaxNumber; }) &&
                read("strides", 1, rank, window.stride) &&
                    read("dilations", 1, rank, window.dilation) &&
                    read("pads", 0, 2 * rank, pads);
  if (!isGood || llvm::any_of(window.stride, [](int64_t n) { return n < 1; }) ||
      llvm::any_of(window.dilation, [](int64_t n) { return n < 1; }))
    return node.error("onnx_attribute")
           << "kernel_shape, strides, dilations and pads have " << rank
           << " entries, pads twice as many, from 1 (pads from 0) to 2^31";
  if (!kernel.empty() && ArrayRef<int64_t>(window.kernel) != kernel)
    return node.error("onnx_shape") << "kernel_shape is not that of the weight";
  window.low.assign(pads.begin(), pads.begin() + rank);
  window.high.assign(pads.begin() + rank, pads.end());
  std::string automatic = node.text("auto_pad", "NOTSET");
  if (automatic == "VALID") {
    window.low.assign(rank, 0);
    window.high.assign(rank, 0);
  } else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    window.automatic = automatic;
  } else if (automatic != "NOTSET") {
    return node.error("onnx_attribute") << "auto_pad is '" << automatic << "'";
  }
  if (rank == 1) {
    window.isSequence = true;
    window.kernel.insert(window.kernel.begin(), 1);
    window.stride.insert(window.stride.begin(), 1);
    window.dilation.insert(window.dilation.begin(), 1);
    window.low.insert(window.low.begin(), 0);
    window.high.insert(window.high.begin(), 0);
  }
  return window;
}

void split(Window &window, size_t i, int64_t total) {
  int64_t half = total / 2;
  window.low[i] = window.automatic == "SAME_LOWER" ? total - half : half;
  window.high[i] = total - window.low[i];
}

// As many outputs as inputs, divided by the stride.
void padForSame(Window &window, Value image) {
  for (size_t i = 0; i < 2 && !window.automatic.empty(); ++i) {
    int64_t size = typeOf(image).getDimSize(2 + i);
    int64_t count = (size + window.stride[i] - 1) / window.stride[i];
    int64_t total = (count - 1) * window.stride[i] +
                    (window.kernel[i] - 1) * window.dilation[i] + 1 - size;
    split(window, i, std::max<int64_t>(total, 0));
  }
}

MaybeValue asImage(Node &node, Value x, const Window &window) {
  ArrayRef<int64_t> shape = typeOf(x).getShape();
  return window.isSequence ? node.reshape(x, {0, shape[1], 1, shape[2]})
                           : MaybeValue(x);
}
MaybeValue asBefore(Node &node, MaybeValue y, const Window &window) {
  if (failed(y) || !window.isSequence)
    return y;
  ArrayRef<int64_t> shape = typeOf(*y).getShape();
  return node.reshape(*y, {0, shape[1], shape[3]});
}

Attributes &set(Attributes &attributes, const Window &window) {
  return attributes.ints("stride", window.stride)
      .ints("dilation", window.dilation);
}

// Of a filter [F, C, K...], or null after an error.
FailureOr<Value> readFilter(Node &node, Sizes &kernel) {
  const Constant *numbers = node.constant(1);
  if (!numbers) {
    auto filter = node.value(1);
    if (succeeded(filter)) {
      ArrayRef<int64_t> shape = typeOf(*filter).getShape();
      if (ShapedType::isDynamicShape(shape) || shape.size() < 3)
        return node.error("onnx_shape") << "the weight depends on the batch, or has too few dimensions";
      kernel.assign(shape.begin() + 2, shape.end());
    }
    return filter;
  }
  Sizes shape(numbers->shape);
  if (shape.size() < 3)
    return node.error("onnx_shape") << "the weight has " << shape.size() << " dimensions";
  kernel.assign(shape.begin() + 2, shape.end());
  if (shape.size() == 3)
    shape.insert(shape.begin() + 2, 1);
  return node.weight(1, shape);
}

// What both kinds of convolution read: image, filter and perhaps a bias.
struct Convolution {
  SmallVector<Value> operands;
  Window window;
};

FailureOr<Convolution> readConvolution(Node &node) {
  Sizes kernel;
  auto x = node.value(0);
  auto filter = succeeded(x) ? readFilter(node, kernel) : x;
  if (failed(filter))
    return failure();
  auto window = readWindow(node, *x, kernel);
  auto image = succeeded(window) ? asImage(node, *x, *window) : MaybeValue(failure());
  if (failed(image))
    return failure();
  Convolution read{{*image, *filter}, *window};
  if (node.has(2)) {
    auto bias = node.weight(2);
    if (failed(bias))
      return failure();
    read.operands.push_back(*bias);
  }
  return read;
}

LogicalResult convertConv(Node &node) {
  auto convolution = readConvolution(node);
  if (failed(convolution))
    return failure();
  auto &[operands, window] = *convolution;
  padForSame(window, operands[0]);
  Attributes attributes = node.attributes();
  set(attributes, window).ints("padding", window.padding()).whole("groups", node.whole("group", 1));
  return node.give(asBefore(node, node.create("conv2d", operands, attributes), window));
}

// The padding that output_shape or auto_pad ask for.
LogicalResult padTransposed(Node &node, Window &window, Value image, ArrayRef<int64_t> extra) {
  auto wanted = node.sizes("output_shape");
  if (wanted && wanted->size() == 4)
    wanted->erase(wanted->begin(), wanted->begin() + 2);
  if (wanted && window.isSequence)
    wanted->insert(wanted->begin(), 1);
  if (wanted && wanted->size() != 2)
    return node.error("onnx_attribute") << "output_shape has the wrong number of entries";
  if (!wanted && window.automatic.empty())
    return success();
  for (size_t i = 0; i < 2; ++i) {
    int64_t size = typeOf(image).getDimSize(2 + i);
    int64_t out = wanted ? (*wanted)[i] : size * window.stride[i];
    bool isSize = out >= 1 && out < kMaxNumber;
    int64_t total = !isSize ? -1 : window.stride[i] * (size - 1) + extra[i] +
                    (window.kernel[i] - 1) * window.dilation[i] + 1 - out;
    if (total < 0)
      return node.error("onnx_shape") << "the output would be larger than what the "
                                         "weight reaches; set output_padding";
    // What is left over goes to the end with SAME_UPPER alone.
    window.high[i] = window.automatic == "SAME_UPPER" ? total - total / 2 : total / 2;
    window.low[i] = total - window.high[i];
  }
  return success();
}

// nn pads both sides alike; where a model does not, the rest is cut off.
LogicalResult convertConvTranspose(Node &node) {
  auto convolution = readConvolution(node);
  if (failed(convolution))
    return failure();
  auto &[operands, window] = *convolution;
  Sizes extra = node.sizes("output_padding").value_or(Sizes(window.isSequence ? 1 : 2, 0));
  if (window.isSequence)
    extra.insert(extra.begin(), 0);
  if (extra.size() != 2 || llvm::any_of(extra, [](int64_t n) { return n < 0 || n >= kMaxNumber; }))
    return node.error("onnx_attribute") << "output_padding has one entry for each dimension, from 0 on";
  if (failed(padTransposed(node, window, operands[0], extra)))
    return failure();
  bool isEven = window.low == window.high;
  Attributes attributes = node.attributes();
  set(attributes, window).whole("groups", node.whole("group", 1)).ints("output_padding", extra)
      .ints("padding", isEven ? window.low : Sizes(2, 0));
  auto y = node.create("conv_transpose2d", operands, attributes);
  if (succeeded(y) && !isEven) {
    Sizes ends;
    for (size_t i = 0; i < 2; ++i)
      ends.push_back(typeOf(*y).getDimSize(2 + i) - window.high[i]);
    y = node.create("slice", *y, node.attributes().ints("axes", {2, 3}).ints("starts", window.low).ints("ends", ends));
  }
  return node.give(asBefore(node, y, window));
}

// nn wants that each window has pixels of the image in its first half: more
// padding is a tensor of its own.
MaybeValue padFirst(Node &node, Value image, Window &window, double number) {
  bool isMuch = false;
  for (size_t i = 0; i < 2; ++i)
    isMuch |= window.low[i] > window.kernel[i] / 2 || window.high[i] > window.kernel[i] / 2;
  if (!isMuch)
    return image;
  auto padded = node.create("pad", image, node.attributes().ints("axes", {2, 3}).ints("low", window.low)
                                              .ints("high", window.high).number("value", number));
  window.low.assign(2, 0);
  window.high.assign(2, 0);
  return padded;
}

LogicalResult convertPool(Node &node) {
  bool isMax = node.op() == "MaxPool";
  auto x = node.value(0);
  if (failed(x))
    return failure();
  node.ignore("storage_order"); // of the indices
  if (node.isRead(1))
    return node.error("onnx_op") << "the indices of the maxima are used, which are not computed";
  auto window = readWindow(node, *x, {});
  auto image = succeeded(window) ? asImage(node, *x, *window) : MaybeValue(failure());
  if (failed(image))
    return failure();
  padForSame(*window, *image);
  bool ceil = node.whole("ceil_mode", 0), counts = node.whole("count_include_pad", 0);
  if (isMax)
    image = padFirst(node, *image, *window, -std::numeric_limits<double>::infinity());
  else if (counts && !ceil)
    image = padFirst(node, *image, *window, 0);
  if (failed(image))
    return failure();
  Attributes attributes = node.attributes();
  attributes.ints("kernel", window->kernel).ints("stride", window->stride)
      .ints("padding", window->padding()).flag("ceil_mode", ceil);
  if (isMax)
    attributes.ints("dilation", window->dilation);
  else if (window->dilation != Sizes{1, 1})
    return node.error("onnx_attribute") << "means of dilated windows are not supported";
  else
    attributes.flag("count_include_pad", counts || !window->isPadded());
  return node.give(asBefore(node, node.create(isMax ? "max_pool2d" : "avg_pool2d", *image, attributes), *window));
}

LogicalResult convertGlobalPool(Node &node) {
  auto x = node.value(0);
  if (failed(x))
    return failure();
  if (rankOf(*x) < 3)
    return node.error("onnx_shape") << "the input has " << rankOf(*x) << " dimensions, expected 3 or more";
  bool isMax = node.op() == "GlobalMaxPool";
  if (!isMax && rankOf(*x) == 4)
    return node.give(node.create("global_avg_pool", *x));
  Sizes axes;
  for (int64_t axis = 2; axis < rankOf(*x); ++axis)
    axes.push_back(axis);
  return node.give(node.create(isMax ? "reduce_max" : "reduce_mean", *x,
                               node.attributes().ints("axes", axes).flag("keep_dims", true)));
}

} // namespace

ArrayRef<Operator> windowOperators() {
  static constexpr Operator kOperators[] = {
      {"Conv", convertConv}, {"ConvTranspose", convertConvTranspose},
      {"MaxPool", convertPool}, {"AveragePool", convertPool},
      {"GlobalAveragePool", convertGlobalPool}, {"GlobalMaxPool", convertGlobalPool}};
  return kOperators;
}

} // namespace gradmill::onnx
