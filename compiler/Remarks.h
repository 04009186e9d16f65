// Remarks that passes leave on ops for the kernel report
// (vector/KernelReport.h).
#pragma once
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace gradmill {

/// On an op, by the fuser: why it does not run in the sweep that computes its
/// operand.
inline constexpr llvm::StringLiteral kUnfusedAttr = "nn.unfused";
/// On an op that replaces another one: the other's name, for reports.
inline constexpr llvm::StringLiteral kSourceAttr = "nn.source";

/// The op's name with its dialect, as reports print it.
inline llvm::StringRef sourceName(mlir::Operation *op) {
  auto source = op->getAttrOfType<mlir::StringAttr>(kSourceAttr);
  return source ? source.getValue() : op->getName().getStringRef();
}

} // namespace gradmill
