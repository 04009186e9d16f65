// The ops that a LinalgInterface op becomes, and how their payloads, scalar
// formulas in IR, are emitted on vectors.
#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "nn/LinalgOps.h.inc"

namespace gradmill::nn {

/// Whether an op of a payload does on vectors, lane by lane, what it does on
/// scalars.
bool isPayloadOp(mlir::Operation *op);

/// The multiplications of a payload whose product is only added to something:
/// multiply-adds.
llvm::SmallPtrSet<mlir::Operation *, 2> multiplyAddsOf(mlir::Region &payload);

/// Emits a payload. Arguments are scalars or vectors; what depends on scalars
/// alone stays scalar. An argument that the payload does not use may be null.
/// The result has the type `type`. `contract`: with multiply-adds.
mlir::Value emitPayload(Emitter &e, mlir::Region &payload,
                        llvm::ArrayRef<mlir::Value> arguments, mlir::Type type,
                        bool contract);

} // namespace gradmill::nn
