// resize2d: shapes, constraints, geometry and gradient.
#include "Resize.h"
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Resize.cpp.inc"

//===-- Shapes ------------------------------------------------------------===//

static constexpr int64_t kMostPixels = 1 << 20;

static LogicalResult checkImages(std::optional<Location> loc,
                                 RankedTensorType images) {
  if (images.getRank() == 4 &&
      llvm::none_of(images.getShape().drop_front(), ShapedType::isDynamic) &&
      images.getDimSize(2) > 0 && images.getDimSize(3) > 0)
    return success();
  return violated(loc, "resize2d_c1", "the tensor is ",
                  shapeText(images.getShape()),
                  ", expected [N, C, H, W] where only N may be dynamic");
}

// Ops and their adaptors alike.
template <typename Attributes>
static LogicalResult checkMode(std::optional<Location> loc, Attributes op) {
  StringRef mode = op.getMode();
  if (mode != "nearest" && mode != "bilinear")
    return violated(loc, "resize2d_c3", "mode is \"", mode,
                    "\", expected \"nearest\" or \"bilinear\"");
  if (op.getAlignCorners() && mode != "bilinear")
    return violated(loc, "resize2d_c4", "align_corners is for \"bilinear\"");
  return success();
}

// [OH, OW] of an image of `input` pixels.
static LogicalResult resizedSize(std::optional<Location> loc,
                                 std::optional<ArrayRef<int64_t>> size,
                                 std::optional<ArrayRef<double>> scale,
                                 ArrayRef<int64_t> input,
                                 SmallVectorImpl<int64_t> &resized) {
  constexpr StringLiteral label = "resize2d_c2";
  if (size.has_value() == scale.has_value())
    return violated(loc, label, "expected either size or scale");
  if ((size ? size->size() : scale->size()) != 2)
    return violated(loc, label,
                    "size and scale take two entries (height, width)");
  for (int i = 0; i < 2; ++i) {
    double pixels =
        size ? double((*size)[i]) : std::floor(double(input[i]) * (*scale)[i]);
    if (!(pixels >= 1 && pixels <= double(kMostPixels)))
      return violated(loc, label, "the result has ", pixels,
                      " pixels along an axis, expected 1 to ", kMostPixels);
    resized.push_back(int64_t(pixels));
  }
  return success();
}

LogicalResult Resize2DOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput());
  SmallVector<int64_t> shape(input.getShape().take_front(2));
  if (failed(checkImages(loc, input)) || failed(checkMode(loc, adaptor)) ||
      failed(resizedSize(loc, adaptor.getSize(), adaptor.getScale(),
                         input.getShape().drop_front(2), shape)))
    return failure();
  types.push_back(withShape(input, shape));
  return success();
}

LogicalResult
Resize2DBackwardOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                     Adaptor adaptor,
                                     SmallVectorImpl<Type> &types) {
  RankedTensorType cotangent = typeOf(adaptor.getCotangent());
  if (failed(checkImages(loc, cotangent)) || failed(checkMode(loc, adaptor)))
    return failure();
  ArrayRef<int64_t> size = adaptor.getInputSize(),
                    pixels = cotangent.getShape().drop_front(2);
  if (size.size() != 2 ||
      llvm::any_of(size, [](int64_t n) { return n < 1 || n > kMaxElements; }))
    return violated(loc, "resize2d_c1", "input_size is [", shapeText(size),
                    "], expected two positive numbers");
  std::optional<ArrayRef<int64_t>> given;
  if (!adaptor.getScale())
    given = pixels;
  SmallVector<int64_t> resized;
  if (failed(resizedSize(loc, given, adaptor.getScale(), size, resized)))
    return failure();
  if (ArrayRef<int64_t>(resized) != pixels)
    return violated(loc, "resize2d_c5", "the cotangent has ", shapeText(pixels),
                    " pixels, the resized input ", shapeText(resized));
  types.push_back(
      withShape(cotangent, {cotangent.getDimSize(0), cotangent.getDimSize(1),
                            size[0], size[1]}));
  return success();
}

//===-- Geometry ----------------------------------------------------------===//

template <typename Op>
static ResizeShape makeShape(Op op, Type inputType, Type outputType) {
  ArrayRef<int64_t> x = cast<RankedTensorType>(inputType).getShape(),
                    y = cast<RankedTensorType>(outputType).getShape();
  ResizeShape s{x[0],
                x[1],
                {x[2], x[3]},
                {y[2], y[3]},
                op.getMode() == "bilinear",
                op.getAlignCorners(),
                {}};
  for (int i = 0; i < 2; ++i) {
    double in = double(s.in[i]), out = double(s.out[i]);
    if (s.alignCorners)
      s.ratio[i] = out > 1 ? (in - 1) / (out - 1) : 0;
    else
      s.ratio[i] = op.getScale() ? 1 / (*op.getScale())[i] : in / out;
    if (!s.bilinear)
      s.ratio[i] = double(float(s.ratio[i]));
  }
  return s;
}

ResizeShape gradmill::nn::shapeOf(Resize2DOp op) {
  return makeShape(op, op.getInput().getType(), op.getType());
}
ResizeShape gradmill::nn::shapeOf(Resize2DBackwardOp op) {
  return makeShape(op, op.getType(), op.getCotangent().getType());
}

SmallVector<int64_t> Resize2DOp::getWindowExtent() {
  ResizeShape s = shapeOf(*this);
  return llvm::map_to_vector(llvm::seq(2), [&](int axis) {
    return int64_t(s.bilinear && !s.keeps(axis) && s.in[axis] > 1 ? 2 : 1);
  });
}
// From size to size, in lowest terms; align_corners moves pixels by less.
SmallVector<int64_t> Resize2DOp::getWindowStride() {
  ResizeShape s = shapeOf(*this);
  return llvm::map_to_vector(llvm::seq(2), [&](int axis) {
    return s.in[axis] / std::gcd(s.in[axis], s.out[axis]);
  });
}
SmallVector<int64_t> Resize2DOp::getWindowUpscale() {
  ResizeShape s = shapeOf(*this);
  return llvm::map_to_vector(llvm::seq(2), [&](int axis) {
    return s.out[axis] / std::gcd(s.in[axis], s.out[axis]);
  });
}

// The corners of both pictures are the same; with align_corners the middles of
// their pixels.
SmallVector<double> Resize2DOp::getWindowCentre() {
  ResizeShape s = shapeOf(*this);
  return llvm::map_to_vector(llvm::seq(2), [&](int axis) {
    return getAlignCorners()
               ? 0.0
               : (double(s.in[axis]) / double(s.out[axis]) - 1) / 2;
  });
}

//===-- Gradient ----------------------------------------------------------===//

LogicalResult Resize2DOp::buildGradient(Gradient &g) {
  g.set(0, Resize2DBackwardOp::create(
               g.builder, g.loc(), g.cotangent(),
               g.builder.getDenseI64ArrayAttr(
                   typeOf(getInput()).getShape().drop_front(2)),
               getScaleAttr(), getModeAttr(), getAlignCornersAttr()));
  return success();
}
