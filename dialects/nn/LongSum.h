// Long sums in blocks. The rounding error of a sum grows with the number of
// additions, and if the elements are equal, each addition rounds to the same
// side: the mean of 12,584 equal numbers in f32 was off by 2e-4 of its size.
#pragma once
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// A sum of more terms than this is made in blocks. Products of matrices are
/// seldom longer, and keep all registers for one set of sums.
constexpr int64_t kLongSum = 1024;

/// Iterations of loop `i` of nested loops over the terms of a sum that make a
/// block: all, if the sum is short, or if loops inside make the blocks.
int64_t sumBlock(llvm::ArrayRef<int64_t> counts, unsigned i);

/// As `reduce` over [0, count) for a body that adds to `soFar`: each `block`
/// iterations start from zero, and their sums are added to `soFar`.
llvm::SmallVector<mlir::Value> sumInBlocks(
    KernelBuilder &k, int64_t count, int64_t block, mlir::ValueRange soFar,
    llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value,
                                                      mlir::ValueRange)>
        body);

} // namespace gradmill::nn
