// The check that every importer runs on its module: the one place that decides
// what a graph is. docs/file-format.md has the rules for people.
#pragma once

#include "mlir/IR/BuiltinOps.h"

namespace gradmill {

/// Refuses a module that is not a graph: one function with a body, of ops that
/// a graph may hold (nn::isGraphOp), on tensors, with known attributes of the
/// right kind. A module that passes is data: nothing in it is run or looked up,
/// and later code may cast its parts without further checks. Locations become
/// plain (plainLocation).
///
/// Ops that the context does not know but carries along (`convert
/// --allow-unknown-ops`) keep their attributes unchecked.
///
/// requires: a module that verifies.
mlir::LogicalResult checkGraph(mlir::ModuleOp module);

} // namespace gradmill
