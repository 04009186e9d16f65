// What a dimension of a tensor is. The batch is dimension 0 of what has one, and
// while a graph is checked it is the only dimension of open size (`?`): an op
// that is asked to work along an open dimension is asked to mix samples. All
// other axes are numbers that an op's attributes name; docs/axes.md.
#pragma once
#include "nn/NNDialect.h"

namespace gradmill::nn {

/// Whether dimension `axis` is the batch, as far as the type can say.
inline bool isOpen(mlir::RankedTensorType type, int64_t axis) {
  return axis < type.getRank() && type.isDynamicDim(axis);
}

/// An axis as attributes give it, counted from 0: -1 is the last. An error
/// under `label` where the tensor has none of that number.
mlir::FailureOr<int64_t> axisOf(std::optional<mlir::Location> loc,
                                llvm::StringRef label,
                                mlir::RankedTensorType type, int64_t axis);

/// The same for a list of axes, each at most once: in ascending order.
mlir::FailureOr<llvm::SmallVector<int64_t>>
axesOf(std::optional<mlir::Location> loc, llvm::StringRef label,
       mlir::RankedTensorType type, llvm::ArrayRef<int64_t> axes);

/// An error under `label` if `axis` is the batch: what the op would do along it
/// ("sums over", "reorders") makes one sample's result depend on others.
mlir::LogicalResult checkKeepsBatch(std::optional<mlir::Location> loc,
                                    llvm::StringRef label,
                                    mlir::RankedTensorType type, int64_t axis,
                                    llvm::StringRef does);

/// What WindowInterface asks of an op that works along `axes` (from 0): it sees
/// all elements along them, and each result sees the same.
llvm::SmallVector<int64_t> windowAlong(mlir::Type type,
                                       llvm::ArrayRef<int64_t> axes);
llvm::SmallVector<int64_t> windowStrideAlong(mlir::Type type,
                                             llvm::ArrayRef<int64_t> axes);

/// The shape that both shapes are read as by NumPy's rule: aligned at the last
/// dimension, sizes of 1 and missing dimensions repeated. An open size meets an
/// open one, 1 or nothing. None if they do not go together.
std::optional<llvm::SmallVector<int64_t>>
broadcastShape(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b);

} // namespace gradmill::nn
