// Reverse-mode differentiation of a block of nn ops.
#pragma once
#include "mlir/IR/Builders.h"

namespace gradmill {

/// A value and the cotangent that flows into it.
struct Seed {
  mlir::Value value, cotangent;
};

/// Whether a value of the type can have a gradient.
bool isFloatTensor(mlir::Type type);

/// Emits at `builder` the ops that compute the cotangents of `wrt`, given those
/// of `seeds`; null where nothing flows back. All values live in one block. An
/// op on the way that has no gradient is an error that lists every such op.
mlir::FailureOr<llvm::SmallVector<mlir::Value>>
differentiate(mlir::OpBuilder &builder, mlir::Block &block,
              llvm::ArrayRef<Seed> seeds, mlir::ValueRange wrt);

} // namespace gradmill
