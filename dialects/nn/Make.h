// Makes ops by their names: for losses, optimizers and passes of plugins, which
// do not see the classes of other families' ops.
#pragma once

#include "nn/NNDialect.h"

namespace gradmill::nn {

/// The first result of a new op, `make(b, loc, "nn.mul", {x, y})`. Its type is
/// the one that the op infers. Null after an error at `loc`.
inline mlir::Value
make(mlir::OpBuilder &b, mlir::Location loc, llvm::StringRef op,
     mlir::ValueRange operands,
     llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
  mlir::OperationState state(loc, op, operands, mlir::TypeRange(), attributes);
  auto infer = state.name.getInterface<mlir::InferTypeOpInterface>();
  if (!infer) {
    mlir::emitError(loc) << "[unknown_op] there is no op '" << op
                         << "' that infers its type";
    return {};
  }
  if (failed(infer->inferReturnTypes(
          b.getContext(), loc, operands,
          state.attributes.getDictionary(b.getContext()), nullptr, {},
          state.types)))
    return {};
  return b.create(state)->getResult(0);
}

/// An attribute of number, for `make`.
inline mlir::NamedAttribute real(mlir::OpBuilder &b, llvm::StringRef name,
                                 double value) {
  return b.getNamedAttr(name, b.getF64FloatAttr(value));
}

} // namespace gradmill::nn
