#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "Pool.h.inc"

namespace gradmill::nn {

/// The numbers of a pooling, seen from its forward op. Pairs are (height,
/// width).
struct PoolShape {
  int64_t batch, channels;
  std::array<int64_t, 2> in, out, kernel, stride, padding, dilation;

  bool isPadded() const { return padding[0] || padding[1]; }
  /// Whether every input pixel belongs to exactly one window.
  bool tilesInput() const {
    return !isPadded() && kernel == stride && in[0] == out[0] * kernel[0] &&
           in[1] == out[1] * kernel[1] &&
           dilation == std::array<int64_t, 2>{1, 1};
  }
};

PoolShape shapeOf(MaxPool2DOp op);
PoolShape shapeOf(MaxPool2DBackwardOp op);
PoolShape shapeOf(AvgPool2DOp op);
PoolShape shapeOf(AvgPool2DBackwardOp op);

} // namespace gradmill::nn
