// Sums over the lanes of several vectors at once.
#pragma once
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// One vector whose lane j is the sum over the lanes of rows[j], in a fixed
/// order; as many rows as lanes.
mlir::Value sumRows(KernelBuilder &k, llvm::SmallVector<mlir::Value> rows);

} // namespace gradmill::nn
