// Shapes, constraints and cost of convolutions.
#include "Conv.h"
#include "nn/Registry.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Conv.cpp.inc"

//===-- Shapes ------------------------------------------------------------===//

static LogicalResult checkWindow(std::optional<Location> loc,
                                 ArrayRef<int64_t> stride,
                                 ArrayRef<int64_t> padding,
                                 ArrayRef<int64_t> dilation) {
  if (stride.size() != 2 || dilation.size() != 2 ||
      (padding.size() != 2 && padding.size() != 4))
    return violated(
        loc, "conv2d_c2",
        "stride, padding and dilation take two entries (height, width), or "
        "padding four (top, left, bottom, right)");
  // The upper bound keeps every product below in 64 bits.
  constexpr int64_t kMost = 1 << 20;
  for (int i = 0; i < 2; ++i) {
    if (stride[i] < 1 || stride[i] > kMost)
      return violated(loc, "conv2d_c2", "stride is ", stride[i],
                      ", expected at least 1");
    if (dilation[i] < 1 || dilation[i] > kMost)
      return violated(loc, "conv2d_c2", "dilation is ", dilation[i],
                      ", expected at least 1");
  }
  for (int64_t each : padding)
    if (each < 0 || each > kMost)
      return violated(loc, "conv2d_c2", "padding is ", each,
                      ", expected at least 0");
  return success();
}

LogicalResult gradmill::nn::inferConvShape(std::optional<Location> loc,
                                           RankedTensorType input,
                                           RankedTensorType filter,
                                           const ConvWindow &window,
                                           SmallVectorImpl<int64_t> &shape) {
  if (input.getRank() != 4 || filter.getRank() != 4)
    return violated(loc, "conv2d_c1", "input has ", input.getRank(),
                    " dimensions and the filter ", filter.getRank(),
                    ", expected [N, C, H, W] and [F, C/groups, KH, KW]");
  if (llvm::any_of(input.getShape().drop_front(), ShapedType::isDynamic) ||
      !filter.hasStaticShape())
    return violated(loc, "conv2d_c1",
                    "only the batch dimension may be dynamic");
  auto [stride, padding, dilation, groups] = window;
  if (failed(checkWindow(loc, stride, padding, dilation)))
    return failure();
  int64_t filters = filter.getDimSize(0);
  if (groups < 1 || filters < 1 || filters % groups)
    return violated(loc, "conv2d_c4", "groups is ", groups,
                    ", which does not divide the ", filters, " filters");
  if (filter.getDimSize(1) * groups != input.getDimSize(1))
    return violated(loc, "conv2d_c3", "input has ", input.getDimSize(1),
                    " channels, the filter expects ",
                    filter.getDimSize(1) * groups);
  if (input.getElementType() != filter.getElementType())
    return violated(loc, "conv2d_c7",
                    "input and filter differ in element type: ",
                    input.getElementType(), " and ", filter.getElementType());
  shape.assign({input.getDimSize(0), filters});
  for (int i = 0; i < 2; ++i) {
    int64_t size = input.getDimSize(2 + i), kernel = filter.getDimSize(2 + i);
    int64_t reach = dilation[i] * (kernel - 1) + 1;
    size += padding[i] + window.paddingEnd(i);
    if (kernel < 1 || size < reach)
      return violated(loc, "conv2d_c6", "the kernel reaches over ", reach,
                      " pixels, the padded input has ", size);
    shape.push_back((size - reach) / stride[i] + 1);
  }
  return success();
}

LogicalResult gradmill::nn::checkBias(std::optional<Location> loc, Value bias,
                                      RankedTensorType input, int64_t filters) {
  if (!bias || typeOf(bias) == dense(input, {filters}))
    return success();
  return violated(loc, "conv2d_c5", "bias is ", bias.getType(), ", expected [",
                  filters, "]");
}

LogicalResult Conv2DOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput());
  SmallVector<int64_t> shape;
  if (failed(inferConvShape(loc, input, typeOf(adaptor.getFilter()),
                            convWindowOf(adaptor), shape)) ||
      failed(checkBias(loc, adaptor.getBias(), input, shape[1])))
    return failure();
  types.push_back(withShape(input, shape));
  return success();
}

// The cotangent must have the shape that the convolution gives.
static LogicalResult checkCotangent(std::optional<Location> loc,
                                    RankedTensorType cotangent,
                                    RankedTensorType input,
                                    RankedTensorType filter,
                                    const ConvWindow &window) {
  SmallVector<int64_t> shape;
  if (failed(inferConvShape(loc, input, filter, window, shape)))
    return failure();
  if (cotangent.getShape() != ArrayRef<int64_t>(shape) ||
      cotangent.getElementType() != input.getElementType())
    return violated(loc, "conv2d_c9", "the cotangent is ",
                    shapeText(cotangent.getShape()), " of ",
                    cotangent.getElementType(), ", expected ", shapeText(shape),
                    " of ", input.getElementType());
  return success();
}

// The type of the input whose cotangent a backward-data computes.
static RankedTensorType inputType(RankedTensorType cotangent, int64_t channels,
                                  ArrayRef<int64_t> size) {
  return withShape(cotangent,
                   {cotangent.getDimSize(0), channels, size[0], size[1]});
}

// Sizes in an attribute become a shape only if they are valid.
static LogicalResult checkSizes(std::optional<Location> loc, StringRef name,
                                ArrayRef<int64_t> sizes) {
  if (sizes.size() == 2 && llvm::all_of(sizes, [](int64_t size) {
        return size >= 1 && size <= kMaxElements;
      }))
    return success();
  return violated(loc, "conv2d_c1", name, " is [", shapeText(sizes),
                  "], expected two positive numbers");
}

LogicalResult Conv2DBackwardDataOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  RankedTensorType cotangent = typeOf(adaptor.getCotangent()),
                   filter = typeOf(adaptor.getFilter());
  if (cotangent.getRank() != 4 || filter.getRank() != 4)
    return violated(loc, "conv2d_c1",
                    "expected [N, F, OH, OW] and [F, C/groups, KH, KW]");
  ConvWindow window = convWindowOf(adaptor);
  int64_t channels = 0;
  if (failed(checkSizes(loc, "input_size", adaptor.getInputSize())))
    return failure();
  if (window.groups < 1 ||
      llvm::MulOverflow(filter.getDimSize(1), window.groups, channels))
    return violated(loc, "conv2d_c4", "groups is ", window.groups);
  RankedTensorType input =
      inputType(cotangent, channels, adaptor.getInputSize());
  types.push_back(input);
  return checkCotangent(loc, cotangent, input, filter, window);
}

LogicalResult Conv2DBackwardDataSumOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  for (Value operand : adaptor.getOperands())
    if (typeOf(operand).getRank() != 4)
      return violated(loc, "conv2d_c1",
                      "expected cotangents [N, F, OH, OW] and filters "
                      "[F, C, KH, KW]");
  if (failed(checkSizes(loc, "input_size", adaptor.getInputSize())))
    return failure();
  RankedTensorType cotangent = typeOf(adaptor.getCotangent()),
                   filter = typeOf(adaptor.getFilter()),
                   other = typeOf(adaptor.getOtherFilter());
  if (filter.getDimSize(1) != other.getDimSize(1))
    return violated(loc, "conv2d_c8", "one filter has ", filter.getDimSize(1),
                    " channels, the other ", other.getDimSize(1));
  RankedTensorType input =
      inputType(cotangent, filter.getDimSize(1), adaptor.getInputSize());
  types.push_back(input);
  ConvWindow window{adaptor.getStride(), adaptor.getPadding(),
                    adaptor.getDilation(), 1},
      second{adaptor.getStride(), adaptor.getOtherPadding(),
             adaptor.getOtherDilation(), 1};
  if (failed(checkCotangent(loc, cotangent, input, filter, window)))
    return failure();
  return checkCotangent(loc, typeOf(adaptor.getOtherCotangent()), input, other,
                        second);
}

LogicalResult Conv2DBackwardWeightsOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput()),
                   cotangent = typeOf(adaptor.getCotangent());
  if (input.getRank() != 4 || cotangent.getRank() != 4)
    return violated(loc, "conv2d_c1",
                    "expected [N, C, H, W] and [N, F, OH, OW]");
  if (failed(checkSizes(loc, "kernel_size", adaptor.getKernelSize())))
    return failure();
  ConvWindow window = convWindowOf(adaptor);
  if (window.groups < 1 || input.getDimSize(1) % window.groups)
    return violated(loc, "conv2d_c4", "groups is ", window.groups,
                    ", which does not divide the ", input.getDimSize(1),
                    " channels");
  RankedTensorType filter = dense(
      input, {cotangent.getDimSize(1), input.getDimSize(1) / window.groups,
              adaptor.getKernelSize()[0], adaptor.getKernelSize()[1]});
  types.push_back(filter);
  return checkCotangent(loc, cotangent, input, filter, window);
}

//===-- Geometry and cost -------------------------------------------------===//

template <typename Op>
static ConvShape makeShape(Op op, Type inputType, Type filterType,
                           Type outputType) {
  ArrayRef<int64_t> x = cast<RankedTensorType>(inputType).getShape(),
                    w = cast<RankedTensorType>(filterType).getShape(),
                    y = cast<RankedTensorType>(outputType).getShape();
  auto pair = [](ArrayRef<int64_t> v) {
    return std::array<int64_t, 2>{v[0], v[1]};
  };
  return {x[0],
          x[1],
          y[1],
          int64_t(op.getGroups()),
          pair(x.drop_front(2)),
          pair(y.drop_front(2)),
          pair(w.drop_front(2)),
          pair(op.getStride()),
          pair(op.getPadding()),
          pair(op.getDilation())};
}

ConvShape gradmill::nn::shapeOf(Conv2DOp op) {
  return makeShape(op, op.getInput().getType(), op.getFilter().getType(),
                   op.getType());
}
ConvShape gradmill::nn::shapeOf(Conv2DBackwardDataOp op) {
  return makeShape(op, op.getType(), op.getFilter().getType(),
                   op.getCotangent().getType());
}

std::array<ConvShape, 2> gradmill::nn::shapesOf(Conv2DBackwardDataSumOp op) {
  auto one = [&](Value cotangent, Value filter, ArrayRef<int64_t> padding,
                 ArrayRef<int64_t> dilation) {
    ArrayRef<int64_t> x = cast<RankedTensorType>(op.getType()).getShape(),
                      w = cast<RankedTensorType>(filter.getType()).getShape(),
                      y = cast<RankedTensorType>(cotangent.getType())
                              .getShape(),
                      stride = op.getStride();
    return ConvShape{x[0],
                     x[1],
                     y[1],
                     1,
                     {x[2], x[3]},
                     {y[2], y[3]},
                     {w[2], w[3]},
                     {stride[0], stride[1]},
                     {padding[0], padding[1]},
                     {dilation[0], dilation[1]}};
  };
  return {
      one(op.getCotangent(), op.getFilter(), op.getPadding(), op.getDilation()),
      one(op.getOtherCotangent(), op.getOtherFilter(), op.getOtherPadding(),
          op.getOtherDilation())};
}

ConvShape gradmill::nn::shapeOf(Conv2DBackwardWeightsOp op) {
  return makeShape(op, op.getInput().getType(), op.getType(),
                   op.getCotangent().getType());
}

ConvShape gradmill::nn::shapeOf(Conv2DChannelsOp op) {
  ConvShape s = makeShape(op, op.getInput().getType(), op.getInput().getType(),
                          op.getType());
  ArrayRef<int64_t> packed =
      cast<RankedTensorType>(op.getFilter().getType()).getShape();
  s.kernel = {packed[1], packed[2]};
  return s;
}

ConvShape gradmill::nn::shapeOf(Conv2DChannelsWinogradOp op) {
  ArrayRef<int64_t> x = cast<RankedTensorType>(op.getInput().getType())
                            .getShape(),
                    y = cast<RankedTensorType>(op.getType()).getShape();
  ArrayRef<int64_t> padding = op.getPadding();
  return {x[0],   x[1],         y[1],
          1,      {x[2], x[3]}, {y[2], y[3]},
          {3, 3}, {1, 1},       {padding[0], padding[1]},
          {1, 1}};
}

int64_t Conv2DOp::getMacs() { return shapeOf(*this).macs(); }
int64_t Conv2DOp::getMacsWithPadding() {
  return shapeOf(*this).macsWithPadding();
}
int64_t Conv2DBackwardDataOp::getMacs() { return shapeOf(*this).macs(); }
int64_t Conv2DBackwardDataSumOp::getMacs() {
  auto [one, other] = shapesOf(*this);
  return one.macs() + other.macs();
}
int64_t Conv2DBackwardWeightsOp::getMacs() { return shapeOf(*this).macs(); }

SmallVector<int64_t> Conv2DOp::getWindowExtent() {
  ConvShape s = shapeOf(*this);
  return {s.dilation[0] * (s.kernel[0] - 1) + 1,
          s.dilation[1] * (s.kernel[1] - 1) + 1};
}
SmallVector<int64_t> Conv2DOp::getWindowStride() {
  return llvm::to_vector(getStride());
}
// The first window begins in the padding.
SmallVector<double> Conv2DOp::getWindowCentre() {
  SmallVector<double> centre = centreOf(getWindowExtent());
  for (auto [c, padding] : llvm::zip(centre, getPadding()))
    c -= double(padding);
  return centre;
}

LayerKind gradmill::nn::kindOfFilter(RankedTensorType filter, bool mixesChannels) {
  LayerKind kind =
      mixesChannels ? LayerKind::ChannelMixing : LayerKind::Other;
  return llvm::all_of(filter.getShape().drop_front(2),
                      [](int64_t size) { return size == 1; })
             ? kind
             : kind | LayerKind::SpatialMixing;
}
LayerKind Conv2DOp::getLayerKind() {
  auto filter = cast<RankedTensorType>(getFilter().getType());
  return kindOfFilter(filter, filter.getDimSize(1) > 1 || getGroups() == 1);
}
bool Conv2DOp::addsBias() { return getBias() != nullptr; }
