#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "Resize.h.inc"

namespace gradmill::nn {

/// The geometry of a resizing, seen from its forward op. Pairs are (height,
/// width).
struct ResizeShape {
  int64_t batch, channels;
  std::array<int64_t, 2> in, out;
  bool bilinear, alignCorners;
  /// Input pixels from one output to the next; for "nearest" a number of f32.
  std::array<double, 2> ratio;

  /// Whether an axis keeps its size.
  bool keeps(int axis) const { return in[axis] == out[axis]; }
};

ResizeShape shapeOf(Resize2DOp op);
ResizeShape shapeOf(Resize2DBackwardOp op);

} // namespace gradmill::nn
