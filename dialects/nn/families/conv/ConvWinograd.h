// Winograd's form of 3x3 convolutions (ConvWinograd.cpp).
#pragma once
#include "Conv.h"
#include "WinogradSchedule.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace gradmill::nn {

/// The forward convolution of `blocks` groups of images.
WinogradProblem winogradProblem(const ConvShape &s, int64_t vectorBytes,
                                int64_t blocks);

/// A one-dimensional transform of values, applied to the columns and then to
/// the rows of a matrix [rows][columns].
llvm::SmallVector<mlir::Value>
transformBoth(llvm::ArrayRef<mlir::Value> x, int64_t rows, int64_t columns,
              llvm::function_ref<llvm::SmallVector<mlir::Value, 6>(
                  llvm::ArrayRef<mlir::Value>)>
                  transform);

/// Emits the convolution, or with `backwardData` the cotangent of its input, in
/// Winograd's form if that is possible, allowed and faster. Operand 0 of the
/// kernel is what is convolved, operand 1 the filter. False: nothing was
/// emitted.
bool lowerWinograd(KernelBuilder &k, const ConvShape &s, bool backwardData,
                   mlir::Value bias);

} // namespace gradmill::nn
