// The nn dialect's shell and the interfaces of its ops. Families include this,
// and so does the compiler, which sees no op class except the fuser's own.
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
#include "nn/interfaces/Layer.h"
#include "nn/interfaces/LayerKind.h"
#include "nn/interfaces/Lowering.h"
#include "nn/interfaces/Meaning.h"
#include "nn/interfaces/Reference.h"

namespace gradmill {
class Registry;
}
namespace gradmill::nn {

/// Traits of ops that graph files may hold, and may not (NNBase.td).
template <typename Op>
class GraphOp : public mlir::OpTrait::TraitBase<Op, GraphOp> {};
template <typename Op>
class CompilerOp : public mlir::OpTrait::TraitBase<Op, CompilerOp> {};

/// The most elements of a tensor; within it no product of sizes overflows.
inline constexpr int64_t kMaxElements = int64_t(1) << 40;
inline constexpr size_t kMaxRank = 16;
/// The number of elements of a shape (-1 if it is dynamic); none if the shape
/// is invalid or beyond the limits.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> shape);
/// An error unless all types are tensors within the limits. Silent without a
/// location.
mlir::LogicalResult checkTensors(std::optional<mlir::Location> loc,
                                 mlir::TypeRange types);
/// An op's properties while its types are inferred, with defaults filled in. If
/// the parser has none yet, they come from the attributes.
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
/// The result type of a formula whose operands are repeated to one shape by
/// NumPy's rule.
mlir::LogicalResult inferBroadcast(std::optional<mlir::Location> loc,
                                   llvm::StringRef label,
                                   mlir::TypeRange operands,
                                   llvm::SmallVectorImpl<mlir::Type> &types);
/// Operands' axes by that rule.
llvm::SmallVector<int64_t> axesFromBehind(mlir::Operation *formula,
                                          unsigned operand);
/// Whether types are equal apart from their layouts.
bool haveSameShape(mlir::TypeRange a, mlir::TypeRange b);

/// "type" if both are equal, otherwise "type, type".
mlir::ParseResult parseOneOrTwoTypes(mlir::OpAsmParser &parser,
                                     mlir::Type &lhs, mlir::Type &rhs);
void printOneOrTwoTypes(mlir::OpAsmPrinter &printer, mlir::Operation *,
                        mlir::Type lhs, mlir::Type rhs);
} // namespace gradmill::nn

namespace gradmill::nn {
/// The middle of the first window of these extents, where nothing is padded.
inline llvm::SmallVector<double> centreOf(llvm::ArrayRef<int64_t> extents) {
  return llvm::map_to_vector(extents,
                             [](int64_t extent) { return double(extent - 1) / 2; });
}
} // namespace gradmill::nn

#include "nn/NNDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "nn/NNAttributes.h.inc"
#include "nn/NNInterfaces.h.inc"
#define GET_OP_CLASSES
#include "nn/NNOps.h.inc"

namespace gradmill::nn {

/// Whether a graph file may hold the op. It may not hold ops that the compiler
/// makes, such as adjoints.
bool isGraphOp(mlir::OperationName name);

/// Why a name is not valid for a parameter, an input or an output, as "has a
/// control character"; "" if it is valid. Names go into JSON, safetensors files
/// and terminals.
std::string nameFault(llvm::StringRef name);

/// The type of a value that is a tensor.
inline mlir::RankedTensorType typeOf(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType());
}
/// A tensor like `like` (element type, layout) with another shape.
mlir::RankedTensorType withShape(mlir::RankedTensorType like,
                                 llvm::ArrayRef<int64_t> shape);
/// `like` without its layout, as parameters and per-channel vectors are stored.
mlir::RankedTensorType dense(mlir::RankedTensorType like,
                             llvm::ArrayRef<int64_t> shape);

/// Reports a violated constraint under its label, as "[label] message". Silent
/// without a location, because MLIR also tries shapes that way.
template <typename... Parts>
mlir::LogicalResult violated(std::optional<mlir::Location> loc,
                             llvm::StringRef label, Parts &&...message) {
  if (loc) {
    auto diagnostic = mlir::emitError(*loc) << "[" << label << "] ";
    (diagnostic << ... << std::forward<Parts>(message));
  }
  return mlir::failure();
}

/// The product of counts, or the largest number if it has more than 63 bits.
int64_t saturatingProduct(llvm::ArrayRef<int64_t> counts);

/// Sums a cotangent to the shape of an operand that was repeated; returns it
/// unchanged if nothing was repeated.
mlir::Value sumLike(mlir::OpBuilder &builder, mlir::Location loc,
                    mlir::Value cotangent, mlir::Value operand);

/// "1x28x28" for messages.
std::string shapeText(llvm::ArrayRef<int64_t> shape);

} // namespace gradmill::nn
