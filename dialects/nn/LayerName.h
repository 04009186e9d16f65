// What people call an op of a graph.
#pragma once
#include "nn/NNDialect.h"
#include <string>

namespace gradmill::nn {

/// "block2.conv1": the name that a net's text gave the op, else that of its
/// parameters without what an op calls them. "block2." of an op that has no name
/// but stands in a block; "" if nothing is known.
std::string layerNameOf(mlir::Operation *op);

/// The file and line where an op stands: in a block, the block's.
mlir::Location placeOf(mlir::Operation *op);

} // namespace gradmill::nn
