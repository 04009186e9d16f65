#pragma once
#include "Conv.h"
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// Emits backward-data of a convolution if its strides make so many phases that
/// code for each of them would grow too long. False: nothing was emitted.
bool lowerGather(KernelBuilder &k, const ConvShape &s);

} // namespace gradmill::nn
