// The ops that replace a LinalgInterface op, and how to emit their payloads,
// scalar formulas in IR, on vectors.
#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "nn/LinalgOps.h.inc"

namespace gradmill::nn {

/// Whether an op of a payload works on vectors, lane by lane, as it does on
/// scalars.
bool isPayloadOp(mlir::Operation *op);

/// The multiplications of a payload whose product is only added: multiply-adds.
llvm::SmallPtrSet<mlir::Operation *, 2> multiplyAddsOf(mlir::Region &payload);

/// Emits a payload. Arguments are scalars or vectors; values that depend on
/// scalars alone stay scalar. An unused argument may be null. The result has
/// the type `type`. `contract`: with multiply-adds.
mlir::Value emitPayload(Emitter &e, mlir::Region &payload,
                        llvm::ArrayRef<mlir::Value> arguments, mlir::Type type,
                        bool contract);

} // namespace gradmill::nn
