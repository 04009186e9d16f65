// Winograd's form of 3x3 convolutions (ConvWinograd.cpp).
#pragma once
#include "Conv.h"
#include "WinogradSchedule.h"

namespace gradmill::nn {

/// Whether Winograd's form exists: 3x3, stride and dilation 1, one group.
bool isWinogradShape(const ConvShape &s);
/// The forward convolution of `blocks` groups of images.
WinogradProblem winogradProblem(const ConvShape &s, int64_t vectorBytes,
                                int64_t blocks);

/// Emits the convolution, or with `backwardData` the cotangent of its input, in
/// Winograd's form if that is possible, allowed and faster. Operand 0 of the
/// kernel is what is convolved, operand 1 the filter. False: nothing was
/// emitted.
bool lowerWinograd(KernelBuilder &k, const ConvShape &s, bool backwardData,
                   mlir::Value bias);

} // namespace gradmill::nn
