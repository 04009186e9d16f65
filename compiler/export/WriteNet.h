// A graph as the text of a net.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <string>

namespace gradmill {

/// Read back, the text gives the same ops, attributes and parameters in the
/// same order. None, with the error net_export at its place, where the graph
/// has something that such a text cannot say.
std::optional<std::string> writeNet(mlir::ModuleOp module);

} // namespace gradmill
