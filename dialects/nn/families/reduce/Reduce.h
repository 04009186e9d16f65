#pragma once
#include "nn/Axes.h"

namespace gradmill::nn {
/// The result type of a reduction along `axes`.
mlir::LogicalResult inferReduced(std::optional<mlir::Location> loc,
                                 mlir::Value input,
                                 llvm::ArrayRef<int64_t> axes, bool keepDims,
                                 llvm::SmallVectorImpl<mlir::Type> &types);
/// The axes of an op that has been verified: in ascending order, from 0.
llvm::SmallVector<int64_t> axesFromFront(mlir::Value input,
                                         llvm::ArrayRef<int64_t> axes);
} // namespace gradmill::nn

#define GET_OP_CLASSES
#include "Reduce.h.inc"
