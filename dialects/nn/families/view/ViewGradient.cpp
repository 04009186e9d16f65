// The adjoints of views are views that move each element back. Only elements
// that were copied several times (a reflection) are added up.
#include "View.h"

using namespace mlir;
using namespace gradmill::nn;

static LogicalResult reshapeBack(Gradient &g, Value input) {
  Value dy = g.cotangent();
  g.set(0, ReshapeOp::create(g.builder, g.loc(), dy,
                             reshapeTo(typeOf(dy), typeOf(input))));
  return success();
}
LogicalResult ReshapeOp::buildGradient(Gradient &g) {
  return reshapeBack(g, getInput());
}
LogicalResult FlattenOp::buildGradient(Gradient &g) {
  return reshapeBack(g, getInput());
}

LogicalResult TransposeOp::buildGradient(Gradient &g) {
  SmallVector<int64_t> inverse(getPermutation().size());
  for (auto [to, from] : llvm::enumerate(getPermutation()))
    inverse[from] = to;
  g.set(0, TransposeOp::create(g.builder, g.loc(), g.cotangent(), inverse));
  return success();
}

// The elements of `value` from `start` to `end` of an axis.
static Value cut(Gradient &g, Value value, int64_t axis, int64_t start,
                 int64_t end) {
  return SliceOp::create(g.builder, g.loc(), value, ArrayRef<int64_t>{start},
                         ArrayRef<int64_t>{end}, DenseI64ArrayAttr(),
                         g.builder.getDenseI64ArrayAttr({axis}));
}

// A part without gaps is padded with zeros.
LogicalResult SliceOp::buildGradient(Gradient &g) {
  SmallVector<int64_t> axes, starts, strides, sizes, low, high;
  bool isWithoutGaps = true;
  for (const AxisSlice &slice : slicesOf(*this)) {
    int64_t size = typeOf(getInput()).getDimSize(slice.axis);
    axes.push_back(slice.axis);
    starts.push_back(slice.start);
    strides.push_back(slice.stride);
    sizes.push_back(size);
    low.push_back(slice.start);
    high.push_back(size - slice.start - slice.count);
    isWithoutGaps &= slice.stride == 1;
  }
  if (isWithoutGaps)
    g.set(0, PaddingOp::create(g.builder, g.loc(), g.cotangent(), low, high,
                               axes));
  else
    g.set(0, SliceBackwardOp::create(g.builder, g.loc(), g.cotangent(), axes,
                                     starts, strides, sizes));
  return success();
}

LogicalResult ConcatOp::buildGradient(Gradient &g) {
  int64_t axis = axisOf(*this), start = 0;
  for (auto [i, input] : llvm::enumerate(getInputs())) {
    int64_t end = start + typeOf(input).getDimSize(axis);
    if (g.needs(i))
      g.set(i, cut(g, g.cotangent(), axis, start, end));
    start = end;
  }
  return success();
}

LogicalResult PaddingOp::buildGradient(Gradient &g) {
  Value dy = g.cotangent();
  for (const AxisPad &pad : padsOf(*this))
    if (getMode() == "constant")
      dy = cut(g, dy, pad.axis, pad.low,
               pad.low + typeOf(getInput()).getDimSize(pad.axis));
    else
      dy = PadBackwardOp::create(g.builder, g.loc(), dy, pad.axis, pad.low,
                                 pad.high, getMode());
  g.set(0, dy);
  return success();
}
