#pragma once
#include "Conv.h"
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// Emits backward-data of a strided convolution with all phases of a row
/// together, if that is faster than one kernel for each phase. False: nothing
/// was emitted.
bool lowerPhases(KernelBuilder &k, const ConvShape &s);

/// Whether one kernel is better for the sum of both gradients.
bool sumsTogether(const ConvShape &s, const ConvShape &other);
/// That kernel, of cotangent and filter of both.
void lowerPhasesSum(KernelBuilder &k, const ConvShape &s,
                    const ConvShape &other);

} // namespace gradmill::nn
