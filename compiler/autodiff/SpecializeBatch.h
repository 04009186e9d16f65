// Shapes for another batch.
#pragma once
#include "compiler/Passes.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

namespace gradmill {

/// Gives an op's results the types that follow from its operands. What it
/// violates is said at `loc`, if there is one.
mlir::LogicalResult inferAnew(mlir::InferTypeOpInterface op,
                              std::optional<mlir::Location> loc);

} // namespace gradmill
