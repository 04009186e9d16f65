// Sections of a step. A sum over the batch is complete when all tasks are, so
// its readers begin a new section. Kernels of one section can be merged and
// pass values on in the cache. Between sections values go through memory.
#pragma once

#include "compiler/Passes.h"

namespace gradmill {

/// Whether a reader of `v` has to wait for all tasks.
bool endsSection(mlir::Value v);
/// The values with the batch as dimension 0: the arguments, and results that
/// ops derive from such values. A sum over the batch has none.
llvm::DenseSet<mlir::Value> valuesOfBatch(mlir::Block &block);
/// Whether a tensor is worth computing again: not per channel, not a mask.
bool isLarge(mlir::Value v);
int64_t bytesOf(mlir::Value v);
/// Whether the results of an op exist all along: a tensor of the model, or a
/// constant. A null op has none.
bool isSource(mlir::Operation *op);
/// The most ops in a row that are computed again for one value.
inline constexpr int kMaxChain = 8;
/// The operands for computing result `index` of a pointwise op again; nothing
/// if it can only be kept.
std::optional<llvm::SmallVector<mlir::Value>> sourcesOf(mlir::Operation *op,
                                                        unsigned index);

} // namespace gradmill
