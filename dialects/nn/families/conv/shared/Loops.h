// Control flow that the kernels of this family share.
#pragma once
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// An scf.if with two arms.
void choose(Emitter &e, mlir::Value condition, llvm::function_ref<void()> then,
            llvm::function_ref<void()> otherwise);

/// One that yields values of the same types in both arms. With a constant
/// condition, emits the chosen arm alone.
llvm::SmallVector<mlir::Value>
chooseValues(Emitter &e, mlir::Value condition,
             llvm::function_ref<llvm::SmallVector<mlir::Value>()> then,
             llvm::function_ref<llvm::SmallVector<mlir::Value>()> otherwise);

/// Runs over an axis in parts of at most `part`, as even as possible.
void cover(Emitter &e, int64_t size, int64_t part,
           llvm::function_ref<void(mlir::Value first, int64_t size)> body);

/// Prefetches vectors [first, first + count) of one group of images, counted
/// through its rows, of a buffer in lanes layout into the second-level cache;
/// fewer at the end of the group.
void fetchAhead(Emitter &e, mlir::Value buffer, mlir::Value block,
                mlir::Value first, int64_t count);

/// Part `number` of `parts` of the same, for loops whose steps prefetch a share
/// each.
struct Share {
  mlir::Value number;
  int64_t count, parts;
};
void fetchShare(Emitter &e, mlir::Value buffer, mlir::Value block,
                mlir::Value first, int64_t vectors, const Share &share);

} // namespace gradmill::nn
