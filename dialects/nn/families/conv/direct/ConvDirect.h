// Convolutions as they are defined: kernels for every shape.
#pragma once
#include "Conv.h"
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// Emits the convolution, or with `backwardData` the cotangent of its input,
/// which has no bias.
void lowerDirect(KernelBuilder &k, const ConvShape &s, bool backwardData,
                 mlir::Value bias);

/// The same for backward-weights, with images in the lanes.
void lowerDirectWeights(KernelBuilder &k, const ConvShape &s);

} // namespace gradmill::nn
