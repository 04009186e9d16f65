// Control flow that the kernels of this family share.
#pragma once
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// An scf.if with two arms.
void choose(Emitter &e, mlir::Value condition, llvm::function_ref<void()> then,
            llvm::function_ref<void()> otherwise);

/// Runs over an axis in parts, as even as can be, of at most `part`.
void cover(Emitter &e, int64_t size, int64_t part,
           llvm::function_ref<void(mlir::Value first, int64_t size)> body);

} // namespace gradmill::nn
