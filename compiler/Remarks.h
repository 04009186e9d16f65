// What passes leave on ops for whoever reports on kernels later
// (vector/KernelReport.h).
#pragma once
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace gradmill {

/// On an op, by the fuser: why it does not run in the sweep that computes its
/// operand.
inline constexpr llvm::StringLiteral kUnfusedAttr = "nn.unfused";
/// On an op that was made of another one: that one's name, which is reported.
inline constexpr llvm::StringLiteral kSourceAttr = "nn.source";

/// The name, with its dialect, by which people know an op.
inline llvm::StringRef sourceName(mlir::Operation *op) {
  auto source = op->getAttrOfType<mlir::StringAttr>(kSourceAttr);
  return source ? source.getValue() : op->getName().getStringRef();
}

} // namespace gradmill
