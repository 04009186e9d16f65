// The nn dialect's shell and the interfaces of its ops. Families include this;
// the compiler does, too, and sees no op class but the fuser's own.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/SCF/IR/DeviceMappingInterface.h"
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
#include "nn/interfaces/Meaning.h"
#include "nn/interfaces/Reference.h"

namespace gradmill {
class Registry;
}
namespace gradmill::nn {
/// An op's properties while its types are inferred: from the attributes where
/// the parser has none yet, with defaults filled in.
template <typename Op> class InferenceProperties {
public:
  InferenceProperties(mlir::MLIRContext *context,
                      std::optional<mlir::Location> loc,
                      mlir::DictionaryAttr attributes,
                      mlir::OpaqueProperties given) {
    if constexpr (hasProperties) {
      mlir::OperationName name(Op::getOperationName(), context);
      if (given)
        storage = *given.template as<Properties *>();
      else
        status =
            name.setOpPropertiesFromAttribute(name, &storage, attributes, [&] {
              return mlir::emitError(
                  loc.value_or(mlir::UnknownLoc::get(context)));
            });
      name.populateDefaultProperties(&storage);
    }
  }
  mlir::OpaqueProperties get() { return &storage; }
  mlir::LogicalResult status = mlir::success();

private:
  using Properties = typename Op::Properties;
  static constexpr bool hasProperties =
      !std::is_same_v<Properties, mlir::EmptyProperties>;
  Properties storage{};
};
} // namespace gradmill::nn

#include "nn/NNDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "nn/NNAttributes.h.inc"
#include "nn/NNInterfaces.h.inc"
#define GET_OP_CLASSES
#include "nn/NNOps.h.inc"

namespace gradmill::nn {

/// A tensor like `like` (element type, layout) with another shape.
mlir::RankedTensorType withShape(mlir::RankedTensorType like,
                                 llvm::ArrayRef<int64_t> shape);
/// `like` without its layout: how parameters and per-channel vectors lie.
mlir::RankedTensorType dense(mlir::RankedTensorType like,
                             llvm::ArrayRef<int64_t> shape);

/// Reports a violated constraint under its label, as "[label] message"; silent
/// without a location (MLIR probes shapes that way).
template <typename... Parts>
mlir::LogicalResult violated(std::optional<mlir::Location> loc,
                             llvm::StringRef label, Parts &&...message) {
  if (loc) {
    auto diagnostic = mlir::emitError(*loc) << "[" << label << "] ";
    (diagnostic << ... << std::forward<Parts>(message));
  }
  return mlir::failure();
}

/// "1x28x28" for messages.
std::string shapeText(llvm::ArrayRef<int64_t> shape);

} // namespace gradmill::nn
