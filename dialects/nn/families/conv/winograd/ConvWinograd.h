// Winograd's form of 3x3 convolutions (ConvWinograd.cpp).
#pragma once
#include "Conv.h"
#include "winograd/WinogradSchedule.h"

namespace gradmill::nn {

/// The forward convolution of `blocks` groups of images.
WinogradProblem winogradProblem(const ConvShape &s, int64_t vectorBytes,
                                int64_t blocks);

/// Emits the convolution, or with `backwardData` the cotangent of its input, in
/// Winograd's form if that is possible, allowed and faster. Operand 0 of the
/// kernel is the convolved tensor, operand 1 the filter. False: nothing was
/// emitted.
bool lowerWinograd(KernelBuilder &k, const ConvShape &s, bool backwardData,
                   mlir::Value bias);

/// The same for backward-weights.
bool lowerWinogradWeights(KernelBuilder &k, const ConvShape &s);

/// The report of a kernel in Winograd's form.
void noteWinograd(KernelBuilder &k, std::string schedule);

/// The m of F(m x m, 3x3) that an op asks for, 0 for the direct kernel; for
/// tests and measurements.
std::optional<int64_t> forcedWinograd(KernelBuilder &k);

} // namespace gradmill::nn
