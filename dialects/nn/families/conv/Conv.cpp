// Shapes, constraints and cost of convolutions.
#include "Conv.h"
#include "nn/Registry.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Conv.cpp.inc"

//===-- Shapes ------------------------------------------------------------===//

static LogicalResult checkWindow(std::optional<Location> loc,
                                 ArrayRef<int64_t> stride,
                                 ArrayRef<int64_t> padding,
                                 ArrayRef<int64_t> dilation) {
  if (stride.size() != 2 || padding.size() != 2 || dilation.size() != 2)
    return violated(
        loc, "conv2d_c2",
        "stride, padding and dilation take two entries (height, width)");
  // The upper bound keeps every product below in 64 bits.
  constexpr int64_t kMost = 1 << 20;
  for (int i = 0; i < 2; ++i) {
    if (stride[i] < 1 || stride[i] > kMost)
      return violated(loc, "conv2d_c2", "stride is ", stride[i],
                      ", expected at least 1");
    if (padding[i] < 0 || padding[i] > kMost)
      return violated(loc, "conv2d_c2", "padding is ", padding[i],
                      ", expected at least 0");
    if (dilation[i] < 1 || dilation[i] > kMost)
      return violated(loc, "conv2d_c2", "dilation is ", dilation[i],
                      ", expected at least 1");
  }
  return success();
}

LogicalResult Conv2DOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto filter = cast<RankedTensorType>(adaptor.getFilter().getType());
  if (input.getRank() != 4 || filter.getRank() != 4)
    return violated(loc, "conv2d_c1", "input has ", input.getRank(),
                    " dimensions and the filter ", filter.getRank(),
                    ", expected [N, C, H, W] and [F, C/groups, KH, KW]");
  ArrayRef<int64_t> stride = adaptor.getStride(),
                    padding = adaptor.getPadding(),
                    dilation = adaptor.getDilation();
  if (failed(checkWindow(loc, stride, padding, dilation)))
    return failure();
  int64_t groups = adaptor.getGroups(), filters = filter.getDimSize(0);
  if (groups < 1 || filters % groups)
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
  if (Value bias = adaptor.getBias()) {
    auto type = cast<RankedTensorType>(bias.getType());
    if (type.getRank() != 1 || type.getDimSize(0) != filters ||
        type.getElementType() != input.getElementType())
      return violated(loc, "conv2d_c5", "bias is ", type, ", expected [",
                      filters, "]");
  }
  SmallVector<int64_t> shape{input.getDimSize(0), filters};
  for (int i = 0; i < 2; ++i) {
    int64_t size = input.getDimSize(2 + i), kernel = filter.getDimSize(2 + i);
    if (ShapedType::isDynamic(size) || ShapedType::isDynamic(kernel))
      return violated(loc, "conv2d_c1",
                      "only the batch dimension may be dynamic");
    int64_t reach = dilation[i] * (kernel - 1) + 1;
    if (kernel < 1 || size + 2 * padding[i] < reach)
      return violated(loc, "conv2d_c6", "the kernel reaches over ", reach,
                      " pixels, the padded input has ", size + 2 * padding[i]);
    shape.push_back((size + 2 * padding[i] - reach) / stride[i] + 1);
  }
  types.push_back(withShape(input, shape));
  return success();
}

LogicalResult Conv2DBackwardDataOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  auto cotangent = cast<RankedTensorType>(adaptor.getCotangent().getType());
  auto filter = cast<RankedTensorType>(adaptor.getFilter().getType());
  if (cotangent.getRank() != 4 || filter.getRank() != 4 ||
      adaptor.getInputSize().size() != 2)
    return violated(
        loc, "conv2d_c1",
        "expected [N, F, OH, OW], [F, C/groups, KH, KW] and input_size [H, W]");
  if (failed(checkWindow(loc, adaptor.getStride(), adaptor.getPadding(),
                         adaptor.getDilation())))
    return failure();
  types.push_back(withShape(
      cotangent, {cotangent.getDimSize(0),
                  filter.getDimSize(1) * int64_t(adaptor.getGroups()),
                  adaptor.getInputSize()[0], adaptor.getInputSize()[1]}));
  return success();
}

LogicalResult Conv2DBackwardDataSumOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  for (Value operand : adaptor.getOperands())
    if (cast<RankedTensorType>(operand.getType()).getRank() != 4)
      return violated(loc, "conv2d_c1",
                      "expected cotangents [N, F, OH, OW] and filters "
                      "[F, C, KH, KW]");
  if (adaptor.getInputSize().size() != 2)
    return violated(loc, "conv2d_c1", "expected input_size [H, W]");
  if (failed(checkWindow(loc, adaptor.getStride(), adaptor.getPadding(),
                         adaptor.getDilation())) ||
      failed(checkWindow(loc, adaptor.getStride(), adaptor.getOtherPadding(),
                         adaptor.getOtherDilation())))
    return failure();
  auto cotangent = cast<RankedTensorType>(adaptor.getCotangent().getType());
  auto channels = [](Value filter) {
    return cast<RankedTensorType>(filter.getType()).getDimSize(1);
  };
  int64_t count = channels(adaptor.getFilter()),
          other = channels(adaptor.getOtherFilter());
  if (count != other)
    return violated(loc, "conv2d_c8", "one filter has ", count,
                    " channels, the other ", other);
  types.push_back(withShape(cotangent, {cotangent.getDimSize(0), count,
                                        adaptor.getInputSize()[0],
                                        adaptor.getInputSize()[1]}));
  return success();
}

LogicalResult Conv2DBackwardWeightsOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto cotangent = cast<RankedTensorType>(adaptor.getCotangent().getType());
  if (input.getRank() != 4 || cotangent.getRank() != 4 ||
      adaptor.getKernelSize().size() != 2)
    return violated(
        loc, "conv2d_c1",
        "expected [N, C, H, W], [N, F, OH, OW] and kernel_size [KH, KW]");
  if (failed(checkWindow(loc, adaptor.getStride(), adaptor.getPadding(),
                         adaptor.getDilation())))
    return failure();
  int64_t groups = adaptor.getGroups();
  if (groups < 1 || input.getDimSize(1) % groups)
    return violated(loc, "conv2d_c4", "groups is ", groups,
                    ", which does not divide the ", input.getDimSize(1),
                    " channels");
  types.push_back(
      dense(input, {cotangent.getDimSize(1), input.getDimSize(1) / groups,
                    adaptor.getKernelSize()[0], adaptor.getKernelSize()[1]}));
  return success();
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
  s.kernel = {packed[0], packed[1]};
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
