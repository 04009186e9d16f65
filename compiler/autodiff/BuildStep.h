// What the programs of a graph have in common.
#pragma once
#include "compiler/autodiff/Ports.h"

namespace gradmill {

/// A copy of the graph's function that does something else, behind it; null, and
/// an error, if there is none. Its arguments are data ports.
mlir::func::FuncOp cloneEntry(mlir::ModuleOp module, llvm::StringRef entry,
                              llvm::StringRef does);

/// A parameter that is read twice is read once.
mlir::LogicalResult mergeParameters(mlir::func::FuncOp func);

/// The inference form of each op that has one.
mlir::LogicalResult toInference(mlir::func::FuncOp func);

/// The results are predictions, of which `loss`, if there is one, knows more.
void markPredictions(mlir::func::FuncOp func, mlir::func::FuncOp loss);

} // namespace gradmill
