// What the dimensions of a tensor mean. The batch is dimension 0 of a value
// that has one. While a graph is checked it is the only dimension of open size
// (`?`), so an op that works along an open dimension would mix samples. All
// other axes are numbers in an op's attributes; docs/axes.md.
#pragma once
#include "nn/NNDialect.h"

namespace gradmill::nn {

/// Whether dimension `axis` is the batch, as far as the type shows.
inline bool isOpen(mlir::RankedTensorType type, int64_t axis) {
  return axis < type.getRank() && type.isDynamicDim(axis);
}

/// An axis from an attribute, counted from 0; -1 is the last. An error under
/// `label` if the tensor has no such axis.
mlir::FailureOr<int64_t> axisOf(std::optional<mlir::Location> loc,
                                llvm::StringRef label,
                                mlir::RankedTensorType type, int64_t axis);

/// The same for a list of axes without repetition; returns them in ascending
/// order.
mlir::FailureOr<llvm::SmallVector<int64_t>>
axesOf(std::optional<mlir::Location> loc, llvm::StringRef label,
       mlir::RankedTensorType type, llvm::ArrayRef<int64_t> axes);

/// An error under `label` if `axis` is the batch. `does` says what the op would
/// do along it ("sums over", "reorders"), which would make one sample's result
/// depend on others.
mlir::LogicalResult checkKeepsBatch(std::optional<mlir::Location> loc,
                                    llvm::StringRef label,
                                    mlir::RankedTensorType type, int64_t axis,
                                    llvm::StringRef does);

/// The answers to WindowInterface of an op that works along `axes` (from 0):
/// each result sees all elements along them.
llvm::SmallVector<int64_t> windowAlong(mlir::Type type,
                                       llvm::ArrayRef<int64_t> axes);
llvm::SmallVector<int64_t> windowStrideAlong(mlir::Type type,
                                             llvm::ArrayRef<int64_t> axes);

/// The common shape of two shapes by NumPy's rule: aligned at the last
/// dimension, sizes of 1 and missing dimensions repeated. An open size meets an
/// open one, 1 or nothing. None if the shapes do not fit.
std::optional<llvm::SmallVector<int64_t>>
broadcastShape(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b);

} // namespace gradmill::nn
