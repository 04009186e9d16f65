// Views in naive loops: the reference for ViewLowering.cpp.
#include "View.h"

using namespace mlir;
using namespace gradmill::nn;

using Index = SmallVector<int64_t>;

// All indices of a tensor, the last dimension fastest.
static void forEachIndex(ArrayRef<int64_t> shape,
                         llvm::function_ref<void(const Index &)> visit) {
  Index at(shape.size(), 0);
  for (int64_t left = RefTensor::numElements(shape); left > 0; --left) {
    visit(at);
    for (int64_t d = int64_t(shape.size()) - 1; d >= 0; --d) {
      if (++at[d] < shape[d])
        break;
      at[d] = 0;
    }
  }
}

LogicalResult ReshapeOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  out[0].data = in[0]->data; // row-major, both
  return success();
}
LogicalResult FlattenOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  out[0].data = in[0]->data;
  return success();
}

LogicalResult TransposeOp::evaluate(ArrayRef<const RefTensor *> in,
                                    MutableArrayRef<RefTensor> out) {
  forEachIndex(in[0]->shape, [&](const Index &from) {
    Index to;
    for (int64_t d : getPermutation())
      to.push_back(from[d]);
    out[0].at(to) = in[0]->at(from);
  });
  return success();
}

LogicalResult SliceOp::evaluate(ArrayRef<const RefTensor *> in,
                                MutableArrayRef<RefTensor> out) {
  SmallVector<AxisSlice> slices = slicesOf(*this);
  forEachIndex(out[0].shape, [&](const Index &to) {
    Index from = to;
    for (const AxisSlice &s : slices)
      from[s.axis] = s.start + to[s.axis] * s.stride;
    out[0].at(to) = in[0]->at(from);
  });
  return success();
}

LogicalResult SliceBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  forEachIndex(in[0]->shape, [&](const Index &from) {
    Index to = from;
    for (auto [axis, start, stride] :
         llvm::zip_equal(getAxes(), getStarts(), getStrides()))
      to[axis] = start + from[axis] * stride;
    out[0].at(to) = in[0]->at(from);
  });
  return success();
}

LogicalResult ConcatOp::evaluate(ArrayRef<const RefTensor *> in,
                                 MutableArrayRef<RefTensor> out) {
  int64_t axis = axisOf(*this), start = 0;
  for (const RefTensor *part : in) {
    forEachIndex(part->shape, [&](const Index &from) {
      Index to = from;
      to[axis] += start;
      out[0].at(to) = part->at(from);
    });
    start += part->dim(axis);
  }
  return success();
}

// The origin of element `i` after padding; -1: none.
static int64_t sourceOf(StringRef mode, int64_t i, int64_t size) {
  if (mode == "constant")
    return i >= 0 && i < size ? i : -1;
  if (mode == "replicate")
    return std::clamp<int64_t>(i, 0, size - 1);
  i = std::abs(i);
  return i < size ? i : 2 * (size - 1) - i;
}

LogicalResult PaddingOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  SmallVector<AxisPad> pads = padsOf(*this);
  forEachIndex(out[0].shape, [&](const Index &to) {
    Index from = to;
    bool isInside = true;
    for (const AxisPad &pad : pads) {
      from[pad.axis] =
          sourceOf(getMode(), to[pad.axis] - pad.low, in[0]->dim(pad.axis));
      isInside &= from[pad.axis] >= 0;
    }
    out[0].at(to) = isInside ? in[0]->at(from) : getValue().convertToDouble();
  });
  return success();
}

LogicalResult PadBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                      MutableArrayRef<RefTensor> out) {
  int64_t axis = getAxis(), low = getLow();
  forEachIndex(in[0]->shape, [&](const Index &from) {
    Index to = from;
    to[axis] = sourceOf(getMode(), from[axis] - low, out[0].dim(axis));
    out[0].at(to) += in[0]->at(from);
  });
  return success();
}
