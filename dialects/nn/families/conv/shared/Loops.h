// Control flow that the kernels of this family share.
#pragma once
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// An scf.if with two arms.
void choose(Emitter &e, mlir::Value condition, llvm::function_ref<void()> then,
            llvm::function_ref<void()> otherwise);

/// One that yields values, in both arms of the same types. Of a constant
/// condition the arm that it chooses.
llvm::SmallVector<mlir::Value>
chooseValues(Emitter &e, mlir::Value condition,
             llvm::function_ref<llvm::SmallVector<mlir::Value>()> then,
             llvm::function_ref<llvm::SmallVector<mlir::Value>()> otherwise);

/// Runs over an axis in parts, as even as can be, of at most `part`.
void cover(Emitter &e, int64_t size, int64_t part,
           llvm::function_ref<void(mlir::Value first, int64_t size)> body);

/// Fetches vectors [first, first + count) of one group of images, counted
/// through its rows, of a buffer in lanes layout into the second-level cache;
/// at its end what is left of it.
void fetchAhead(Emitter &e, mlir::Value buffer, mlir::Value block,
                mlir::Value first, int64_t count);

/// Part `number` of `parts` of the same: for loops whose steps fetch a share
/// each.
struct Share {
  mlir::Value number;
  int64_t count, parts;
};
void fetchShare(Emitter &e, mlir::Value buffer, mlir::Value block,
                mlir::Value first, int64_t vectors, const Share &share);

} // namespace gradmill::nn
