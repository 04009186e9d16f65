// What kind of layer an op is (LayerKindInterface), for reports and advice.
#pragma once

#include "llvm/ADT/BitmaskEnum.h"
#include <cstdint>

namespace gradmill::nn {

LLVM_ENABLE_BITMASK_ENUMS_IN_NAMESPACE();

/// An op may be of several kinds: a 3x3 convolution mixes pixels and channels, a
/// 1x1 convolution channels alone, a depthwise one pixels alone.
enum class LayerKind : uint32_t {
  Other = 0,
  SpatialMixing = 1, // trained weights over neighbouring pixels
  ChannelMixing = 2, // trained weights over channels or features
  Pooling = 4,       // a window without weights that makes the picture smaller
  GlobalPooling = 8, // one value for each channel of the picture
  Norm = 16,
  ChannelNorm = 32, // a norm that takes away each channel's mean
  Activation = 64,  // a nonlinear formula of one element
  Dropout = 128,
  LLVM_MARK_AS_BITMASK_ENUM(/* LargestValue = */ Dropout)
};

inline bool hasKind(LayerKind kinds, LayerKind kind) {
  return (kinds & kind) != LayerKind::Other;
}

} // namespace gradmill::nn
