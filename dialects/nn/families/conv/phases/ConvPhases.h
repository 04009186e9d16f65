#pragma once
#include "Conv.h"
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// Emits backward-data of a strided convolution with all phases of a row
/// together, where that is faster than one kernel for each. False: nothing was
/// emitted.
bool lowerPhases(KernelBuilder &k, const ConvShape &s);

/// Whether the sum of both gradients is better one kernel.
bool sumsTogether(const ConvShape &s, const ConvShape &other);
/// That kernel, of cotangent and filter of both.
void lowerPhasesSum(KernelBuilder &k, const ConvShape &s,
                    const ConvShape &other);

} // namespace gradmill::nn
