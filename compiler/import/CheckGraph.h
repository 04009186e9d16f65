// What every importer hands its module to: the one place that decides what a
// graph is. docs/file-format.md has the rules for people.
#pragma once

#include "mlir/IR/BuiltinOps.h"

namespace gradmill {

/// Refuses a module that holds anything but a graph: one function with a body,
/// of ops that a graph may hold (nn::isGraphOp), on tensors, with attributes
/// that are known and of the right kind. What passes is data: nothing of it
/// runs or is looked up, and nothing that it says needs to be checked again
/// before it is cast. Locations become plain (plainLocation).
///
/// Ops that the context does not know but carries along (`convert
/// --allow-unknown-ops`) keep their attributes unseen.
///
/// requires: a module that verifies.
mlir::LogicalResult checkGraph(mlir::ModuleOp module);

} // namespace gradmill
