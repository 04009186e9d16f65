// Shapes, constraints, receptive field and simplification of pooling.
#include "Pool.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Pool.cpp.inc"

//===-- Shapes ------------------------------------------------------------===//

namespace {
/// The attributes of a windowed pool, with defaults filled in. Of four paddings
/// the last two are those below and on the right; of two they are the same.
struct Window {
  ArrayRef<int64_t> kernel, stride, padding, dilation;
  bool ceilMode;

  int64_t paddingEnd(int axis) const {
    return padding.size() == 4 ? padding[2 + axis] : padding[axis];
  }
};
} // namespace

// Ops and their adaptors alike.
template <typename Attributes> static Window windowOf(Attributes op) {
  static constexpr int64_t kOnes[] = {1, 1};
  Window window{
      op.getKernel(), {}, op.getPadding(), kOnes, bool(op.getCeilMode())};
  window.stride = op.getStride().value_or(window.kernel);
  if constexpr (requires { op.getDilation(); })
    window.dilation = op.getDilation();
  return window;
}

static bool isImageBatch(RankedTensorType type) {
  return type.getRank() == 4 &&
         llvm::none_of(type.getShape().drop_front(), ShapedType::isDynamic);
}

static LogicalResult checkWindow(std::optional<Location> loc, const Window &w) {
  if (w.kernel.size() != 2 || w.stride.size() != 2 || w.dilation.size() != 2 ||
      (w.padding.size() != 2 && w.padding.size() != 4))
    return violated(loc, "pool2d_c2",
                    "kernel, stride, padding and dilation take two entries "
                    "(height, width), or padding four (top, left, bottom, "
                    "right)");
  // The upper bound keeps every product below in 64 bits.
  constexpr int64_t kMost = 1 << 20;
  for (int i = 0; i < 2; ++i) {
    auto check = [&](StringRef what, int64_t value, int64_t least) {
      if (value >= least && value <= kMost)
        return success();
      return violated(loc, "pool2d_c2", what, " is ", value, ", expected ",
                      least, " to ", kMost);
    };
    if (failed(check("kernel", w.kernel[i], 1)) ||
        failed(check("stride", w.stride[i], 1)) ||
        failed(check("padding", w.padding[i], 0)) ||
        failed(check("padding", w.paddingEnd(i), 0)) ||
        failed(check("dilation", w.dilation[i], 1)))
      return failure();
    int64_t padding = std::max(w.padding[i], w.paddingEnd(i));
    if (padding > w.kernel[i] / 2)
      return violated(loc, "pool2d_c3", "padding is ", padding,
                      ", expected at most half the kernel, which is ",
                      w.kernel[i]);
  }
  return success();
}

// [N, C, H, W] to [N, C, OH, OW].
static LogicalResult poolShape(std::optional<Location> loc,
                               RankedTensorType input, const Window &w,
                               SmallVectorImpl<int64_t> &shape) {
  if (!isImageBatch(input))
    return violated(loc, "pool2d_c1", "input is ", shapeText(input.getShape()),
                    ", expected [N, C, H, W] where only N may be dynamic");
  if (failed(checkWindow(loc, w)))
    return failure();
  shape.assign({input.getDimSize(0), input.getDimSize(1)});
  for (int i = 0; i < 2; ++i) {
    int64_t pixels = input.getDimSize(2 + i);
    int64_t size = pixels + w.padding[i] + w.paddingEnd(i);
    int64_t reach = w.dilation[i] * (w.kernel[i] - 1) + 1;
    // After the first window there is room for this many steps.
    int64_t room = size - reach, steps = room / w.stride[i];
    if (w.ceilMode)
      steps = llvm::divideCeilSigned(room, w.stride[i]);
    if (w.ceilMode && steps * w.stride[i] >= pixels + w.padding[i])
      --steps;
    if (w.ceilMode ? steps < 0 : room < 0)
      return violated(loc, "pool2d_c4", "the kernel reaches over ", reach,
                      " pixels, the padded input has ", size);
    shape.push_back(steps + 1);
  }
  return success();
}

// The cotangent must have the shape that pooling `input` gives.
static LogicalResult checkCotangent(std::optional<Location> loc,
                                    RankedTensorType cotangent,
                                    RankedTensorType input, const Window &w) {
  SmallVector<int64_t> shape;
  if (failed(poolShape(loc, input, w, shape)))
    return failure();
  if (cotangent.getShape() != ArrayRef<int64_t>(shape) ||
      cotangent.getElementType() != input.getElementType())
    return violated(loc, "pool2d_c5", "the cotangent is ", cotangent,
                    ", expected ", withShape(input, shape));
  return success();
}

template <typename Adaptor>
static LogicalResult inferForward(std::optional<Location> loc, Adaptor adaptor,
                                  SmallVectorImpl<Type> &types) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  SmallVector<int64_t> shape;
  if (failed(poolShape(loc, input, windowOf(adaptor), shape)))
    return failure();
  types.push_back(withShape(input, shape));
  return success();
}

// The adjoint of the maximum numbers the taps of a window row by row, in
// integers of the elements' width. No two taps inside the image may share a
// number.
static LogicalResult checkTapNumbers(std::optional<Location> loc,
                                     RankedTensorType input, const Window &w) {
  int64_t rows = std::min(w.kernel[0], input.getDimSize(2)),
          bits = input.getElementTypeBitWidth() - 1;
  if (rows * w.kernel[1] >> bits)
    return violated(loc, "pool2d_c6", "the window has ", rows, " rows of ",
                    w.kernel[1], " pixels, expected less than 2^", bits,
                    " in all");
  return success();
}

LogicalResult MaxPool2DOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  if (failed(inferForward(loc, adaptor, types)))
    return failure();
  return checkTapNumbers(loc,
                         cast<RankedTensorType>(adaptor.getInput().getType()),
                         windowOf(adaptor));
}

LogicalResult AvgPool2DOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  return inferForward(loc, adaptor, types);
}

LogicalResult MaxPool2DBackwardOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  auto cotangent = cast<RankedTensorType>(adaptor.getCotangent().getType());
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  types.push_back(input);
  if (failed(checkCotangent(loc, cotangent, input, windowOf(adaptor))))
    return failure();
  return checkTapNumbers(loc, input, windowOf(adaptor));
}

// As many images and channels, of another size.
static RankedTensorType resized(RankedTensorType images,
                                ArrayRef<int64_t> size) {
  return withShape(
      images, {images.getDimSize(0), images.getDimSize(1), size[0], size[1]});
}

LogicalResult AvgPool2DBackwardOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  auto cotangent = cast<RankedTensorType>(adaptor.getCotangent().getType());
  ArrayRef<int64_t> size = adaptor.getInputSize();
  if (!isImageBatch(cotangent) || size.size() != 2 || size[0] < 1 ||
      size[1] < 1 || size[0] > kMaxElements || size[1] > kMaxElements)
    return violated(loc, "pool2d_c1",
                    "expected [N, C, OH, OW] and input_size [H, W]");
  types.push_back(resized(cotangent, size));
  return checkCotangent(loc, cotangent, cast<RankedTensorType>(types.back()),
                        windowOf(adaptor));
}

LogicalResult GlobalAvgPoolOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location> loc,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  if (!isImageBatch(input) || input.getDimSize(2) < 1 ||
      input.getDimSize(3) < 1)
    return violated(loc, "global_avg_pool_c1", "input is ",
                    shapeText(input.getShape()),
                    ", expected [N, C, H, W] where only N may be dynamic");
  types.push_back(
      withShape(input, {input.getDimSize(0), input.getDimSize(1), 1, 1}));
  return success();
}

LogicalResult GlobalAvgPoolBackwardOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  auto cotangent = cast<RankedTensorType>(adaptor.getCotangent().getType());
  ArrayRef<int64_t> size = adaptor.getInputSize();
  if (!isImageBatch(cotangent) || cotangent.getDimSize(2) != 1 ||
      cotangent.getDimSize(3) != 1 || size.size() != 2 || size[0] < 1 ||
      size[1] < 1)
    return violated(
        loc, "global_avg_pool_c2",
        "expected a cotangent [N, C, 1, 1] and a positive input_size [H, W]");
  types.push_back(resized(cotangent, size));
  return success();
}

// Two sizes; products with the image's have 64 bits.
static LogicalResult checkAdaptive(std::optional<Location> loc,
                                   RankedTensorType images, StringRef name,
                                   ArrayRef<int64_t> sizes) {
  constexpr int64_t kMost = 1 << 20;
  if (!isImageBatch(images) || images.getDimSize(2) < 1 ||
      images.getDimSize(3) < 1)
    return violated(loc, "adaptive_avg_pool2d_c1", "the tensor is ",
                    shapeText(images.getShape()),
                    ", expected [N, C, H, W] where only N may be dynamic");
  if (sizes.size() != 2 || llvm::any_of(sizes, [](int64_t size) {
        return size < 1 || size > kMost;
      }))
    return violated(loc, "adaptive_avg_pool2d_c2", name, " is [",
                    shapeText(sizes), "], expected two numbers from 1 to ",
                    kMost);
  return success();
}

LogicalResult AdaptiveAvgPool2DOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  if (failed(checkAdaptive(loc, input, "output_size", adaptor.getOutputSize())))
    return failure();
  types.push_back(resized(input, adaptor.getOutputSize()));
  return success();
}

LogicalResult AdaptiveAvgPool2DBackwardOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  auto cotangent = cast<RankedTensorType>(adaptor.getCotangent().getType());
  if (failed(
          checkAdaptive(loc, cotangent, "input_size", adaptor.getInputSize())))
    return failure();
  types.push_back(resized(cotangent, adaptor.getInputSize()));
  return success();
}

//===-- Geometry ----------------------------------------------------------===//

template <typename Op>
static PoolShape makeShape(Op op, Type inputType, Type outputType) {
  ArrayRef<int64_t> x = cast<RankedTensorType>(inputType).getShape(),
                    y = cast<RankedTensorType>(outputType).getShape();
  auto pair = [](ArrayRef<int64_t> v) {
    return std::array<int64_t, 2>{v[0], v[1]};
  };
  Window w = windowOf(op);
  return {x[0],
          x[1],
          pair(x.drop_front(2)),
          pair(y.drop_front(2)),
          pair(w.kernel),
          pair(w.stride),
          pair(w.padding),
          pair(w.dilation),
          {w.paddingEnd(0), w.paddingEnd(1)}};
}

PoolShape gradmill::nn::shapeOf(MaxPool2DOp op) {
  return makeShape(op, op.getInput().getType(), op.getType());
}
PoolShape gradmill::nn::shapeOf(MaxPool2DBackwardOp op) {
  return makeShape(op, op.getInput().getType(), op.getCotangent().getType());
}
PoolShape gradmill::nn::shapeOf(AvgPool2DOp op) {
  return makeShape(op, op.getInput().getType(), op.getType());
}
PoolShape gradmill::nn::shapeOf(AvgPool2DBackwardOp op) {
  return makeShape(op, op.getType(), op.getCotangent().getType());
}

static PoolShape adaptiveShape(Type inputType, Type outputType) {
  ArrayRef<int64_t> x = cast<RankedTensorType>(inputType).getShape(),
                    y = cast<RankedTensorType>(outputType).getShape();
  std::array<int64_t, 2> none{0, 0}, one{1, 1};
  return {x[0],
          x[1],
          {x[2], x[3]},
          {y[2], y[3]},
          none,
          one,
          none,
          one,
          none,
          /*adaptive=*/true};
}
PoolShape gradmill::nn::shapeOf(AdaptiveAvgPool2DOp op) {
  return adaptiveShape(op.getInput().getType(), op.getType());
}
PoolShape gradmill::nn::shapeOf(AdaptiveAvgPool2DBackwardOp op) {
  return adaptiveShape(op.getType(), op.getCotangent().getType());
}

static SmallVector<int64_t> extentOf(const Window &w) {
  return {w.dilation[0] * (w.kernel[0] - 1) + 1,
          w.dilation[1] * (w.kernel[1] - 1) + 1};
}

// The first window begins in the padding.
static SmallVector<double> middleOf(const Window &w) {
  SmallVector<double> centre = centreOf(extentOf(w));
  for (auto [c, padding] : llvm::zip(centre, w.padding))
    c -= double(padding);
  return centre;
}

SmallVector<int64_t> MaxPool2DOp::getWindowExtent() {
  return extentOf(windowOf(*this));
}
SmallVector<int64_t> MaxPool2DOp::getWindowStride() {
  return llvm::to_vector(windowOf(*this).stride);
}
SmallVector<double> MaxPool2DOp::getWindowCentre() {
  return middleOf(windowOf(*this));
}
SmallVector<double> AvgPool2DOp::getWindowCentre() {
  return middleOf(windowOf(*this));
}
SmallVector<int64_t> AvgPool2DOp::getWindowExtent() {
  return extentOf(windowOf(*this));
}
SmallVector<int64_t> AvgPool2DOp::getWindowStride() {
  return llvm::to_vector(windowOf(*this).stride);
}
SmallVector<int64_t> GlobalAvgPoolOp::getWindowExtent() {
  return llvm::to_vector(
      cast<RankedTensorType>(getInput().getType()).getShape().drop_front(2));
}

SmallVector<int64_t> GlobalAvgPoolOp::getWindowStride() { return {0, 0}; }

// The largest window, and the mean distance, in lowest terms.
SmallVector<int64_t> AdaptiveAvgPool2DOp::getWindowExtent() {
  PoolShape s = shapeOf(*this);
  return llvm::map_to_vector(llvm::seq(2), [&](int axis) {
    bool overlap = s.in[axis] % s.out[axis] && s.out[axis] % s.in[axis];
    return std::min<int64_t>(s.in[axis],
                             llvm::divideCeil(s.in[axis], s.out[axis]) +
                                 int64_t(overlap));
  });
}
SmallVector<int64_t> AdaptiveAvgPool2DOp::getWindowStride() {
  PoolShape s = shapeOf(*this);
  return llvm::map_to_vector(llvm::seq(2), [&](int axis) {
    return s.in[axis] / std::gcd(s.in[axis], s.out[axis]);
  });
}
SmallVector<int64_t> AdaptiveAvgPool2DOp::getWindowUpscale() {
  PoolShape s = shapeOf(*this);
  return llvm::map_to_vector(llvm::seq(2), [&](int axis) {
    return s.out[axis] / std::gcd(s.in[axis], s.out[axis]);
  });
}

// Each window is about as large as the distance between two.
SmallVector<double> AdaptiveAvgPool2DOp::getWindowCentre() {
  PoolShape s = shapeOf(*this);
  return llvm::map_to_vector(llvm::seq(2), [&](int axis) {
    return (double(s.in[axis]) / double(s.out[axis]) - 1) / 2;
  });
}

LayerKind MaxPool2DOp::getLayerKind() { return LayerKind::Pooling; }
LayerKind AvgPool2DOp::getLayerKind() { return LayerKind::Pooling; }
LayerKind GlobalAvgPoolOp::getLayerKind() {
  return LayerKind::Pooling | LayerKind::GlobalPooling;
}
LayerKind AdaptiveAvgPool2DOp::getLayerKind() {
  PoolShape s = shapeOf(*this);
  return s.out[0] == 1 && s.out[1] == 1
             ? LayerKind::Pooling | LayerKind::GlobalPooling
             : LayerKind::Pooling;
}

//===-- Simplification ----------------------------------------------------===//

// A window of one pixel at every pixel changes nothing.
static bool isIdentity(const PoolShape &s) {
  return s.tilesInput() && s.in == s.out;
}

OpFoldResult MaxPool2DOp::fold(FoldAdaptor) {
  return isIdentity(shapeOf(*this)) ? getInput() : Value();
}
OpFoldResult AvgPool2DOp::fold(FoldAdaptor) {
  return isIdentity(shapeOf(*this)) ? getInput() : Value();
}
OpFoldResult GlobalAvgPoolOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? getInput() : Value();
}

// One window over the whole image: the schedule of global_avg_pool is better.
LogicalResult AvgPool2DOp::canonicalize(AvgPool2DOp op,
                                        PatternRewriter &rewriter) {
  PoolShape s = shapeOf(op);
  if (s.leavesImage() || s.kernel != s.in)
    return failure();
  rewriter.replaceOpWithNewOp<GlobalAvgPoolOp>(op, op.getInput());
  return success();
}

OpFoldResult AdaptiveAvgPool2DOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? getInput() : Value();
}

// Windows of one size are those of avg_pool2d.
LogicalResult AdaptiveAvgPool2DOp::canonicalize(AdaptiveAvgPool2DOp op,
                                                PatternRewriter &rewriter) {
  PoolShape s = shapeOf(op);
  if (s.in[0] % s.out[0] || s.in[1] % s.out[1])
    return failure();
  auto kernel =
      rewriter.getDenseI64ArrayAttr({s.in[0] / s.out[0], s.in[1] / s.out[1]});
  // A size of 2^20 pixels or more is no valid kernel.
  if (llvm::any_of(kernel.asArrayRef(),
                   [](int64_t size) { return size > 1 << 20; }))
    return failure();
  rewriter.replaceOpWithNewOp<AvgPool2DOp>(
      op, op.getInput(), kernel, /*stride=*/nullptr,
      rewriter.getDenseI64ArrayAttr({0, 0}), rewriter.getBoolAttr(false),
      rewriter.getBoolAttr(true));
  return success();
}

//===-- As layers: max_pool2d(2) ------------------------------------------===//

LogicalResult MaxPool2DOp::describeLayer(Layer &layer) {
  layer.order({"kernel", "stride", "padding"});
  return success();
}
LogicalResult AvgPool2DOp::describeLayer(Layer &layer) {
  layer.order({"kernel", "stride", "padding"});
  return success();
}
