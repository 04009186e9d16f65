// Code that the programs of a graph share.
#pragma once
#include "compiler/autodiff/Ports.h"

namespace gradmill {

/// A copy of the graph's function for another purpose, inserted after it; null,
/// with an error, if there is no such function. Its arguments are data ports.
mlir::func::FuncOp cloneEntry(mlir::ModuleOp module, llvm::StringRef entry,
                              llvm::StringRef does);

/// Merges the reads of a parameter that is read twice.
mlir::LogicalResult mergeParameters(mlir::func::FuncOp func);

/// The inference form of each op that has one.
mlir::LogicalResult toInference(mlir::func::FuncOp func);

/// Marks the results as predictions; `loss`, if any, knows more about them.
void markPredictions(mlir::func::FuncOp func, mlir::func::FuncOp loss);

} // namespace gradmill
