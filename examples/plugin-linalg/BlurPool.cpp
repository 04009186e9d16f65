// blur_pool: shapes, the adjoint, both in linalg, and the naive reference. That
// both are linalg.generic is all that the compiler needs to put the batch into
// the vector lanes, to run groups of images in parallel, and to fuse behind
// them what follows.
#include "BlurPool.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "BlurPool.cpp.inc"

namespace {

// Of one axis.
struct Blur {
  int64_t size, stride;
  int64_t pad() const { return (size - 1) / 2; }
  int64_t outputs(int64_t inputs) const {
    return (inputs + 2 * pad() - size) / stride + 1;
  }
  // Outputs that one input is part of, at most.
  int64_t reach() const { return llvm::divideCeil(size, stride); }
  // Binomial coefficients over their sum; 0 outside.
  double tap(int64_t i) const {
    if (i >= size)
      return 0;
    double value = 1;
    for (int64_t k = 0; k < i; ++k)
      value = value * double(size - 1 - k) / double(k + 1);
    return value / double(int64_t(1) << (size - 1));
  }
};

template <typename Op> Blur blurOf(Op op) {
  return {int64_t(op.getSize()), int64_t(op.getStride())};
}

RankedTensorType typeOf(Value v) { return cast<RankedTensorType>(v.getType()); }

//===-- Shapes ------------------------------------------------------------===//

LogicalResult checkBlur(std::optional<Location> loc, Blur blur) {
  if (blur.size < 2 || blur.size > 7 || blur.stride < 1)
    return violated(loc, "blur_pool_c2", "size is ", blur.size, " and stride ",
                    blur.stride, ", expected 2 to 7 and a positive number");
  return success();
}

// The shape of the pooled tensor, or an error.
LogicalResult pooledShape(std::optional<Location> loc, Blur blur,
                          ArrayRef<int64_t> input,
                          SmallVectorImpl<int64_t> &out) {
  if (input.size() != 4 || ShapedType::isDynamicShape(input.drop_front()))
    return violated(loc, "blur_pool_c1", "the input is ", shapeText(input),
                    ", expected [N, C, H, W], static but for N");
  if (failed(checkBlur(loc, blur)))
    return failure();
  out.assign(input.begin(), input.end());
  for (int64_t &extent : llvm::MutableArrayRef(out).drop_front(2)) {
    if (extent + 2 * blur.pad() < blur.size)
      return violated(loc, "blur_pool_c3", "the filter has ", blur.size,
                      " taps, the padded image ", extent + 2 * blur.pad(),
                      " pixels");
    extent = blur.outputs(extent);
  }
  return success();
}

} // namespace

LogicalResult BlurPoolOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput());
  SmallVector<int64_t> shape;
  if (failed(pooledShape(loc, blurOf(adaptor), input.getShape(), shape)))
    return failure();
  types.push_back(withShape(input, shape));
  return success();
}

LogicalResult
BlurPoolBackwardOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                     Adaptor adaptor,
                                     SmallVectorImpl<Type> &types) {
  RankedTensorType cotangent = typeOf(adaptor.getCotangent());
  SmallVector<int64_t> shape(cotangent.getShape().take_front(2)), pooled;
  llvm::append_range(shape, adaptor.getInputSize());
  if (failed(pooledShape(loc, blurOf(adaptor), shape, pooled)))
    return failure();
  if (ArrayRef<int64_t>(pooled) != cotangent.getShape())
    return violated(loc, "blur_pool_c4", "the cotangent is ",
                    shapeText(cotangent.getShape()), ", expected ",
                    shapeText(pooled));
  types.push_back(withShape(cotangent, shape));
  return success();
}

SmallVector<int64_t> BlurPoolOp::getWindowExtent() {
  return SmallVector<int64_t>(2, getSize());
}
SmallVector<int64_t> BlurPoolOp::getWindowStride() {
  return SmallVector<int64_t>(2, getStride());
}
// As much is padded as the filter reaches to one side.
SmallVector<double> BlurPoolOp::getWindowCentre() {
  double reach = double(getSize() - 1) / 2;
  return SmallVector<double>(2, reach - double((getSize() - 1) / 2));
}
LayerKind BlurPoolOp::getLayerKind() { return LayerKind::Pooling; }
int64_t BlurPoolOp::getMacs() {
  return typeOf(getOutput()).getNumElements() * getSize() * getSize();
}
int64_t BlurPoolBackwardOp::getMacs() {
  int64_t reach = blurOf(*this).reach();
  return typeOf(getGrad()).getNumElements() * reach * reach;
}

LogicalResult BlurPoolOp::buildGradient(Gradient &g) {
  ArrayRef<int64_t> size = typeOf(getInput()).getShape().drop_front(2);
  g.set(0, BlurPoolBackwardOp::create(g.builder, g.loc(), g.cotangent(), size,
                                      getSize(), getStride()));
  return success();
}

//===-- In linalg ---------------------------------------------------------===//

namespace {

// What both are: a sum over two loops behind those of the output,
//   out[n,c,i,j] = sum over p,q of image[map] * filter[filterMap].
Value sumOfProducts(OpBuilder &b, Location loc, RankedTensorType type,
                    Value image, AffineMap imageMap, ArrayRef<int64_t> shape,
                    ArrayRef<double> filter, AffineMap filterMap) {
  Type element = type.getElementType();
  SmallVector<Attribute> numbers = llvm::map_to_vector(
      filter, [&](double v) { return Attribute(b.getFloatAttr(element, v)); });
  Value taps = arith::ConstantOp::create(
      b, loc,
      DenseElementsAttr::get(RankedTensorType::get(shape, element), numbers));
  Value zero = arith::ConstantOp::create(b, loc, b.getFloatAttr(element, 0));
  Value empty = tensor::EmptyOp::create(b, loc, type.getShape(), element);
  Value zeros = linalg::FillOp::create(b, loc, zero, empty).getResult(0);
  using Kind = utils::IteratorType;
  SmallVector<Kind> loops(4, Kind::parallel);
  loops.append(2, Kind::reduction);
  return linalg::GenericOp::create(
             b, loc, type, ValueRange{image, taps}, zeros,
             ArrayRef<AffineMap>{
                 imageMap, filterMap,
                 AffineMap::getMultiDimIdentityMap(6, b.getContext())
                     .getMajorSubMap(4)},
             loops,
             [](OpBuilder &b, Location loc, ValueRange args) {
               Value product = arith::MulFOp::create(b, loc, args[0], args[1]);
               Value sum = arith::AddFOp::create(b, loc, args[2], product);
               linalg::YieldOp::create(b, loc, sum);
             })
      .getResult(0);
}

// `low` and `high` rows and columns of zeros.
Value padded(OpBuilder &b, Location loc, Value image,
             std::array<int64_t, 2> low, std::array<int64_t, 2> high) {
  RankedTensorType type = typeOf(image);
  SmallVector<OpFoldResult> before(2, b.getIndexAttr(0)), after(before);
  SmallVector<int64_t> shape(type.getShape());
  for (int axis : {0, 1}) {
    before.push_back(b.getIndexAttr(low[axis]));
    after.push_back(b.getIndexAttr(high[axis]));
    shape[2 + axis] += low[axis] + high[axis];
  }
  Value zero = arith::ConstantOp::create(
      b, loc, b.getFloatAttr(type.getElementType(), 0));
  return tensor::PadOp::create(b, loc, withShape(type, shape), image, before,
                               after, zero);
}

} // namespace

LogicalResult BlurPoolOp::toLinalg(OpBuilder &b,
                                   SmallVectorImpl<Value> &values) {
  Blur blur = blurOf(*this);
  int64_t pad = blur.pad();
  AffineExpr n, c, i, j, p, q;
  bindDims(getContext(), n, c, i, j, p, q);
  auto map = [&](ArrayRef<AffineExpr> at) {
    return AffineMap::get(6, 0, at, getContext());
  };
  SmallVector<double> filter;
  for (int64_t row = 0; row < blur.size; ++row)
    for (int64_t column = 0; column < blur.size; ++column)
      filter.push_back(blur.tap(row) * blur.tap(column));
  values.push_back(
      sumOfProducts(b, getLoc(), typeOf(getOutput()),
                    padded(b, getLoc(), getInput(), {pad, pad}, {pad, pad}),
                    map({n, c, i * blur.stride + p, j * blur.stride + q}),
                    {blur.size, blur.size}, filter, map({p, q})));
  return success();
}

// Input row h is row p of the window at output i where h + pad = i*stride + p,
// so p = (h + pad) mod stride + a*stride and i = (h + pad) / stride - a for
// a = 0, 1, ...: as many as windows reach it. A gather: each element of the
// gradient is written once. The filter is sorted by (p mod stride, p / stride).
LogicalResult BlurPoolBackwardOp::toLinalg(OpBuilder &b,
                                           SmallVectorImpl<Value> &values) {
  Blur blur = blurOf(*this);
  int64_t pad = blur.pad(), s = blur.stride, reach = blur.reach();
  RankedTensorType type = typeOf(getGrad());
  AffineExpr n, c, h, w, a, e;
  bindDims(getContext(), n, c, h, w, a, e);
  auto map = [&](ArrayRef<AffineExpr> at) {
    return AffineMap::get(6, 0, at, getContext());
  };
  // i = -(reach - 1) is the first that is asked for.
  std::array<int64_t, 2> low{reach - 1, reach - 1}, high;
  for (int axis : {0, 1})
    high[axis] =
        std::max<int64_t>(0, (type.getDimSize(2 + axis) - 1 + pad) / s + 1 -
                                 typeOf(getCotangent()).getDimSize(2 + axis));
  SmallVector<double> filter;
  for (int64_t row = 0; row < s; ++row)
    for (int64_t column = 0; column < s; ++column)
      for (int64_t i = 0; i < reach; ++i)
        for (int64_t j = 0; j < reach; ++j)
          filter.push_back(blur.tap(row + i * s) * blur.tap(column + j * s));
  values.push_back(sumOfProducts(
      b, getLoc(), type, padded(b, getLoc(), getCotangent(), low, high),
      map({n, c, (h + pad).floorDiv(s) - a + (reach - 1),
           (w + pad).floorDiv(s) - e + (reach - 1)}),
      {s, s, reach, reach}, filter, map({(h + pad) % s, (w + pad) % s, a, e})));
  return success();
}

//===-- References --------------------------------------------------------===//

// Calls `body(output row, output column, input row, input column, factor)` for
// all pixels of a window that lie inside the image.
template <typename Body>
static void forEachTap(Blur blur, ArrayRef<int64_t> input,
                       ArrayRef<int64_t> output, Body body) {
  for (int64_t i = 0; i < output[2]; ++i)
    for (int64_t j = 0; j < output[3]; ++j)
      for (int64_t p = 0; p < blur.size; ++p)
        for (int64_t q = 0; q < blur.size; ++q) {
          int64_t h = i * blur.stride + p - blur.pad(),
                  w = j * blur.stride + q - blur.pad();
          if (h >= 0 && h < input[2] && w >= 0 && w < input[3])
            body(i, j, h, w, blur.tap(p) * blur.tap(q));
        }
}

LogicalResult BlurPoolOp::evaluate(ArrayRef<const RefTensor *> in,
                                   MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0];
  for (int64_t n = 0; n < x.dim(0); ++n)
    for (int64_t c = 0; c < x.dim(1); ++c)
      forEachTap(blurOf(*this), x.shape, out[0].shape,
                 [&](int64_t i, int64_t j, int64_t h, int64_t w, double f) {
                   out[0].at({n, c, i, j}) += f * x.at({n, c, h, w});
                 });
  return success();
}

LogicalResult BlurPoolBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                           MutableArrayRef<RefTensor> out) {
  const RefTensor &dy = *in[0];
  for (int64_t n = 0; n < dy.dim(0); ++n)
    for (int64_t c = 0; c < dy.dim(1); ++c)
      forEachTap(blurOf(*this), out[0].shape, dy.shape,
                 [&](int64_t i, int64_t j, int64_t h, int64_t w, double f) {
                   out[0].at({n, c, h, w}) += f * dy.at({n, c, i, j});
                 });
  return success();
}
