// Shrinks a graph for as long as a question about it has the same answer.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace gradmill {

/// Whether a smaller graph still shows what is looked for.
using Question = llvm::function_ref<bool(mlir::ModuleOp)>;

/// The smallest graph that was found. Each step makes a graph that is valid
/// (checkGraph), and is kept if `shows` it:
///   - what the graph returns: only some of its outputs, or an earlier value;
///   - what it begins with: a value in the middle becomes its input;
///   - an op is left out, if an operand has the type of its result;
///   - the loss is left out.
/// requires: a graph with @main, which shows it.
mlir::OwningOpRef<mlir::ModuleOp> reduceGraph(mlir::ModuleOp graph,
                                              Question shows);

/// Ops of @main.
size_t countOps(mlir::ModuleOp graph);

} // namespace gradmill
