#pragma once
#include "Conv.h"
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// Emits backward-weights with the filters in the lanes if that is possible and
/// faster. False: nothing was emitted.
bool lowerFilterLanes(KernelBuilder &k, const ConvShape &s);

} // namespace gradmill::nn
