// Sections of a step. A sum over the batch is complete when all tasks are, so
// what reads it begins a new section; within one, kernels can be merged and
// hand values on in the cache. Between sections they go through memory.
#pragma once

#include "compiler/Passes.h"

namespace gradmill {

/// Whether a reader of `v` has to wait for all tasks.
bool endsSection(mlir::Value v);
/// The values that have the batch as dimension 0: the arguments, and what ops say
/// that they make of such values. What sums over the batch has none.
llvm::DenseSet<mlir::Value> valuesOfBatch(mlir::Block &block);
/// Whether a tensor is worth computing again: not per channel, not a mask.
bool isLarge(mlir::Value v);
int64_t bytesOf(mlir::Value v);
/// Whether what an op gives is there all along: a tensor of the model, or a
/// constant. Null is no such op.
bool isSource(mlir::Operation *op);
/// How many ops in a row are computed again for one value, at most.
inline constexpr int kMaxChain = 8;
/// What result `index` of a pointwise op is computed from if it is computed
/// again; nothing where it can only be kept.
std::optional<llvm::SmallVector<mlir::Value>> sourcesOf(mlir::Operation *op,
                                                        unsigned index);

} // namespace gradmill
