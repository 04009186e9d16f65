#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "Pool.h.inc"

namespace gradmill::nn {

/// The geometry of a pooling, seen from its forward op. Pairs are (height,
/// width). `padding` is that above and on the left, `paddingEnd` the other.
struct PoolShape {
  int64_t batch, channels;
  std::array<int64_t, 2> in, out, kernel, stride, padding, dilation, paddingEnd;
  /// The windows divide the image evenly; there is no kernel and no stride.
  bool adaptive = false;

  /// Where the last window ends, counted from the image's first pixel.
  int64_t end(int axis) const {
    return (out[axis] - 1) * stride[axis] +
           (kernel[axis] - 1) * dilation[axis] + 1 - padding[axis];
  }
  /// Whether a window reaches beyond the image, or beyond its padding.
  bool leavesImage(int axis) const {
    return padding[axis] > 0 || end(axis) > in[axis];
  }
  bool leavesImage() const { return leavesImage(0) || leavesImage(1); }
  bool leavesPadding() const {
    return end(0) > in[0] + paddingEnd[0] || end(1) > in[1] + paddingEnd[1];
  }
  /// Whether every input pixel belongs to exactly one window.
  bool tilesInput() const {
    return !leavesImage() && kernel == stride && in[0] == out[0] * kernel[0] &&
           in[1] == out[1] * kernel[1] &&
           dilation == std::array<int64_t, 2>{1, 1};
  }
};

PoolShape shapeOf(MaxPool2DOp op);
PoolShape shapeOf(MaxPool2DBackwardOp op);
PoolShape shapeOf(AvgPool2DOp op);
PoolShape shapeOf(AvgPool2DBackwardOp op);
PoolShape shapeOf(AdaptiveAvgPool2DOp op);
PoolShape shapeOf(AdaptiveAvgPool2DBackwardOp op);

} // namespace gradmill::nn
