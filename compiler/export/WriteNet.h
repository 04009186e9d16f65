// A graph as the text of a net.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <string>

namespace gradmill {

/// Read again, the text gives the same ops, attributes and parameters in the
/// same order. If the text cannot express something, returns none, with the
/// error net_export at its place.
std::optional<std::string> writeNet(mlir::ModuleOp module);

} // namespace gradmill
