// conv_transpose2d: shapes, gradient, and the convolutions that it consists of.
// It is the convolution's adjoint as a layer. So the convolution's kernels do
// all of it: backward-data for the forward pass, conv2d for its input's
// gradient, and backward-weights with input and cotangent exchanged for its
// filter's gradient.
#include "Conv.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace gradmill::nn;

static ArrayRef<int64_t> sizeOf(Value images) {
  return typeOf(images).getShape().drop_front(2);
}

//===-- Shapes ------------------------------------------------------------===//

// The upper bound keeps every product of sizes in 64 bits.
static LogicalResult checkEntries(std::optional<Location> loc, StringRef name,
                                  ArrayRef<int64_t> values, int64_t least) {
  constexpr int64_t kMost = 1 << 20;
  if (values.size() != 2)
    return violated(loc, "conv_transpose2d_c2", name, " has ", values.size(),
                    " entries, expected two (height, width)");
  for (int64_t value : values)
    if (value < least || value > kMost)
      return violated(loc, "conv_transpose2d_c2", name, " is ", value,
                      ", expected ", least, " to ", kMost);
  return success();
}

static LogicalResult checkTypes(std::optional<Location> loc,
                                RankedTensorType input, RankedTensorType filter,
                                int64_t groups) {
  if (input.getRank() != 4 || filter.getRank() != 4 ||
      llvm::any_of(input.getShape().drop_front(), ShapedType::isDynamic) ||
      !filter.hasStaticShape())
    return violated(loc, "conv_transpose2d_c1", "the input is ",
                    shapeText(input.getShape()), " and the filter ",
                    shapeText(filter.getShape()),
                    ", expected [N, C, H, W], where only N may be dynamic, and "
                    "[C, F/groups, KH, KW]");
  int64_t channels = input.getDimSize(1);
  if (filter.getDimSize(0) != channels)
    return violated(loc, "conv_transpose2d_c3", "the input has ", channels,
                    " channels, the filter expects ", filter.getDimSize(0));
  if (groups < 1 || channels < 1 || channels % groups)
    return violated(loc, "conv_transpose2d_c4", "groups is ", groups,
                    ", which does not divide the ", channels, " channels");
  if (input.getElementType() != filter.getElementType())
    return violated(loc, "conv_transpose2d_c7",
                    "input and filter differ in element type: ",
                    input.getElementType(), " and ", filter.getElementType());
  return success();
}

// [N, F, OH, OW].
static LogicalResult transposedShape(std::optional<Location> loc,
                                     RankedTensorType input,
                                     RankedTensorType filter,
                                     const ConvWindow &window,
                                     ArrayRef<int64_t> outputPadding,
                                     SmallVectorImpl<int64_t> &shape) {
  if (failed(checkTypes(loc, input, filter, window.groups)) ||
      failed(checkEntries(loc, "stride", window.stride, 1)) ||
      failed(checkEntries(loc, "padding", window.padding, 0)) ||
      failed(checkEntries(loc, "dilation", window.dilation, 1)) ||
      failed(checkEntries(loc, "output_padding", outputPadding, 0)))
    return failure();
  int64_t filters = 0;
  if (llvm::MulOverflow(filter.getDimSize(1), window.groups, filters))
    return violated(loc, "conv_transpose2d_c4", "groups is ", window.groups);
  shape.assign({input.getDimSize(0), filters});
  for (int i = 0; i < 2; ++i) {
    int64_t most = std::max(window.stride[i], window.dilation[i]) - 1;
    most = std::min(most, window.padding[i] + window.stride[i] - 1);
    if (outputPadding[i] > most)
      return violated(loc, "conv_transpose2d_c8", "output_padding is ",
                      outputPadding[i], ", expected at most ", most);
    int64_t size = input.getDimSize(2 + i), kernel = filter.getDimSize(2 + i);
    int64_t extent = (size - 1) * window.stride[i] - 2 * window.padding[i] +
                     window.dilation[i] * (kernel - 1) + outputPadding[i] + 1;
    if (size < 1 || kernel < 1 || extent < 1)
      return violated(loc, "conv_transpose2d_c6", "an axis of ", size,
                      " pixels and a kernel of ", kernel, " give ", extent,
                      " pixels, expected at least 1");
    shape.push_back(extent);
  }
  return success();
}

LogicalResult
ConvTranspose2DOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                    Adaptor adaptor,
                                    SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput());
  SmallVector<int64_t> shape;
  if (failed(transposedShape(loc, input, typeOf(adaptor.getFilter()),
                             convWindowOf(adaptor), adaptor.getOutputPadding(),
                             shape)))
    return failure();
  types.push_back(withShape(input, shape));
  Value bias = adaptor.getBias();
  if (!bias || typeOf(bias) == dense(input, {shape[1]}))
    return success();
  return violated(loc, "conv_transpose2d_c5", "bias is ", bias.getType(),
                  ", expected [", shape[1], "]");
}

LogicalResult ConvBiasOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location>,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

//===-- Cost, receptive field ---------------------------------------------===//

int64_t ConvTranspose2DOp::getMacs() {
  ArrayRef<int64_t> w = typeOf(getFilter()).getShape();
  SmallVector<int64_t> counts{typeOf(getInput()).getDimSize(0), w[0], w[1]};
  for (int i = 0; i < 2; ++i) // the convolution goes the other way
    counts.push_back(tapsInside(sizeOf(getOutput())[i], sizeOf(getInput())[i],
                                w[2 + i], getPadding()[i], getStride()[i],
                                getDilation()[i]));
  return saturatingProduct(counts);
}

// So many neighbouring pixels have a tap in one pixel of the output.
SmallVector<int64_t> ConvTranspose2DOp::getWindowExtent() {
  SmallVector<int64_t> extents;
  for (int i = 0; i < 2; ++i)
    extents.push_back(llvm::divideCeil(
        getDilation()[i] * (sizeOf(getFilter())[i] - 1) + 1, getStride()[i]));
  return extents;
}
SmallVector<int64_t> ConvTranspose2DOp::getWindowUpscale() {
  return llvm::to_vector(getStride());
}
// Pixel i has its first tap in pixel i*stride - padding of the output.
SmallVector<double> ConvTranspose2DOp::getWindowCentre() {
  SmallVector<double> centre;
  for (int i = 0; i < 2; ++i) {
    double reach = double(getDilation()[i] * (sizeOf(getFilter())[i] - 1));
    centre.push_back((double(getPadding()[i]) - reach / 2) /
                     double(getStride()[i]));
  }
  return centre;
}
LayerKind ConvTranspose2DOp::getLayerKind() {
  auto filter = cast<RankedTensorType>(getFilter().getType());
  return kindOfFilter(filter, filter.getDimSize(1) > 1 || getGroups() == 1);
}
bool ConvTranspose2DOp::addsBias() { return getBias() != nullptr; }

//===-- What it consists of -----------------------------------------------===//

// The padding of the opposite convolution: the same on all sides, but less
// below and on the right if the output has `stride` pixels more than it would
// see.
static DenseI64ArrayAttr convolutionPadding(ConvTranspose2DOp op) {
  SmallVector<int64_t> padding(op.getPadding());
  llvm::append_range(padding, op.getPadding());
  for (int i = 0; i < 2; ++i) {
    int64_t beyond = op.getOutputPadding()[i] - (op.getStride()[i] - 1);
    padding[2 + i] -= std::max<int64_t>(0, beyond);
  }
  ArrayRef<int64_t> all(padding);
  if (all.take_front(2) == all.drop_front(2))
    return op.getPaddingAttr();
  return DenseI64ArrayAttr::get(op.getContext(), padding);
}

LogicalResult ConvTranspose2DOp::expand(RewriterBase &rewriter) {
  Value y = Conv2DBackwardDataOp::create(
      rewriter, getLoc(), getInput(), getFilter(),
      rewriter.getDenseI64ArrayAttr(sizeOf(getOutput())), getStrideAttr(),
      convolutionPadding(*this), getDilationAttr(), getGroupsAttr());
  if (getBias())
    y = ConvBiasOp::create(rewriter, getLoc(), y, getBias());
  rewriter.replaceOp(*this, y);
  return success();
}

LogicalResult ConvTranspose2DOp::buildGradient(Gradient &g) {
  Value dy = g.cotangent();
  // Weights before data, as conv2d's.
  if (g.needs(1))
    g.set(1, Conv2DBackwardWeightsOp::create(
                 g.builder, g.loc(), dy, getInput(),
                 g.builder.getDenseI64ArrayAttr(sizeOf(getFilter())),
                 getStrideAttr(), convolutionPadding(*this), getDilationAttr(),
                 getGroupsAttr()));
  if (getBias() && g.needs(2))
    g.set(2, ChannelSumOp::create(g.builder, g.loc(), dy));
  if (g.needs(0))
    g.set(0, Conv2DOp::create(g.builder, g.loc(), dy, getFilter(), Value(),
                              getStrideAttr(), convolutionPadding(*this),
                              getDilationAttr(), getGroupsAttr()));
  return success();
}

void ConvBiasOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                             SmallVectorImpl<Value> &results) {
  results.push_back(arith::AddFOp::create(b, loc, operands[0], operands[1]));
}

//===-- References --------------------------------------------------------===//

static void addBias(RefTensor &y, const RefTensor &bias) {
  size_t space = y.data.size() / size_t(y.dim(0) * y.dim(1));
  for (size_t i = 0; i < y.data.size(); ++i)
    y.data[i] += bias.data[i / space % bias.data.size()];
}

// Each pixel of the input adds the filter, times itself, to the output.
LogicalResult ConvTranspose2DOp::evaluate(ArrayRef<const RefTensor *> in,
                                          MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0], &w = *in[1];
  RefTensor &y = out[0];
  int64_t groupChannels = x.dim(1) / int64_t(getGroups());
  auto at = [&](int axis, int64_t i, int64_t tap) {
    return i * getStride()[axis] + tap * getDilation()[axis] -
           getPadding()[axis];
  };
  for (int64_t n = 0; n < x.dim(0); ++n)
    for (int64_t c = 0; c < x.dim(1); ++c)
      for (int64_t i = 0; i < x.dim(2); ++i)
        for (int64_t j = 0; j < x.dim(3); ++j)
          for (int64_t f = 0; f < w.dim(1); ++f)
            for (int64_t p = 0; p < w.dim(2); ++p)
              for (int64_t q = 0; q < w.dim(3); ++q) {
                int64_t h = at(0, i, p), v = at(1, j, q);
                if (h >= 0 && h < y.dim(2) && v >= 0 && v < y.dim(3))
                  y.at({n, c / groupChannels * w.dim(1) + f, h, v}) +=
                      x.at({n, c, i, j}) * w.at({c, f, p, q});
              }
  if (getBias())
    addBias(y, *in[2]);
  return success();
}

LogicalResult ConvBiasOp::evaluate(ArrayRef<const RefTensor *> in,
                                   MutableArrayRef<RefTensor> out) {
  out[0] = *in[0];
  addBias(out[0], *in[1]);
  return success();
}
