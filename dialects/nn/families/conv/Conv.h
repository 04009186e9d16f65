#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "Conv.h.inc"

namespace gradmill::nn {

/// The numbers of a convolution, seen from its forward op. Pairs are (height, width).
struct ConvShape {
  int64_t batch, channels, filters, groups;
  std::array<int64_t, 2> in, out, kernel, stride, padding, dilation;

  int64_t groupChannels() const { return channels / groups; }
  int64_t groupFilters() const { return filters / groups; }
  int64_t macs() const {
    return batch * filters * out[0] * out[1] * groupChannels() * kernel[0] * kernel[1];
  }
};

ConvShape shapeOf(Conv2DOp op);
ConvShape shapeOf(Conv2DBackwardDataOp op);
ConvShape shapeOf(Conv2DBackwardWeightsOp op);

} // namespace gradmill::nn
