// The nn dialect's shell and the interfaces of its ops. Families include this;
// the compiler does, too, and sees no op class but the fuser's own.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "nn/interfaces/Gradient.h"
#include "nn/interfaces/Lowering.h"
#include "nn/interfaces/Reference.h"

namespace gradmill {
class Registry;
}
#include "nn/NNDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "nn/NNAttributes.h.inc"
#include "nn/NNInterfaces.h.inc"
#define GET_OP_CLASSES
#include "nn/NNOps.h.inc"

namespace gradmill::nn {

/// A tensor like `like` (element type, layout) with another shape.
mlir::RankedTensorType withShape(mlir::RankedTensorType like, llvm::ArrayRef<int64_t> shape);
/// `like` without its layout: how parameters and per-channel vectors lie.
mlir::RankedTensorType dense(mlir::RankedTensorType like, llvm::ArrayRef<int64_t> shape);

/// Reports a violated constraint under its label, as "[label] message"; silent
/// without a location (MLIR probes shapes that way).
template <typename... Parts>
mlir::LogicalResult violated(std::optional<mlir::Location> loc, llvm::StringRef label,
                             Parts &&...message) {
  if (loc) {
    auto diagnostic = mlir::emitError(*loc) << "[" << label << "] ";
    (diagnostic << ... << std::forward<Parts>(message));
  }
  return mlir::failure();
}

/// "1x28x28" for messages.
std::string shapeText(llvm::ArrayRef<int64_t> shape);

} // namespace gradmill::nn
