#pragma once
#include "Conv.h"
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// Emits backward-weights with tasks for filters and channels that sum over all
/// images, if that is possible and better than tasks for images, each with a
/// copy of the gradient. False: nothing was emitted.
bool lowerFilterCut(KernelBuilder &k, const ConvShape &s);

} // namespace gradmill::nn
