// What a graph must be to become a model that the runtime runs.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace gradmill {

/// One float tensor [N, ...] in, at least one out.
mlir::LogicalResult checkSignature(mlir::func::FuncOp func);

/// The name of a result in the compiled inference: the first is always
/// "output", the others are called as the graph says.
std::string resultName(mlir::func::FuncOp func, unsigned index);

} // namespace gradmill
