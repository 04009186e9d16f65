#include "nn/LinalgOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace gradmill::nn;

#include "nn/NNDialect.cpp.inc"
#include "nn/NNInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "nn/NNAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "nn/NNOps.cpp.inc"

void NNDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "nn/NNAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "nn/NNOps.cpp.inc"
      >();
  addOperations<LinalgFormulaOp, LinalgNestOp>();
}

void NNDialect::checkUnregistered(llvm::StringRef name, TypeID id) {
  auto known = RegisteredOperationName::lookup(name, getContext());
  if (known && known->getTypeID() != id)
    llvm::report_fatal_error("op '" + name +
                                 "' is defined by two families or plugins",
                             /*gen_crash_diag=*/false);
}

namespace gradmill::nn {

// Tasks have one dimension, so all answers to this interface are fixed.
int64_t KernelAttr::getMappingId() const { return 0; }
bool KernelAttr::isLinearMapping() const { return true; }
int64_t KernelAttr::getRelativeIndex() const { return 0; }

std::optional<int64_t> countElements(ArrayRef<int64_t> shape) {
  if (shape.size() > kMaxRank)
    return std::nullopt;
  int64_t elements = 1;
  bool isDynamic = false;
  for (int64_t d : shape) {
    isDynamic |= ShapedType::isDynamic(d);
    if (ShapedType::isDynamic(d))
      continue;
    // A zero must not hide an overflow of the other dimensions.
    if (d < 0 || llvm::MulOverflow(elements, std::max<int64_t>(d, 1), elements) ||
        elements > kMaxElements)
      return std::nullopt;
  }
  if (isDynamic)
    return -1;
  return llvm::is_contained(shape, 0) ? 0 : elements;
}

LogicalResult checkTensors(std::optional<Location> loc, TypeRange types) {
  for (Type type : types) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor)
      return violated(loc, "tensor_type",
                      "an operand or a result is no tensor of known rank");
    if (!countElements(tensor.getShape()))
      return violated(loc, "tensor_size", "a tensor is ",
                      shapeText(tensor.getShape()), ", expected at most ",
                      kMaxRank, " dimensions and 2^40 elements");
  }
  return success();
}

bool isGraphOp(OperationName name) {
  return name.hasTrait<GraphOp>() ||
         (name.hasInterface<GradientInterface>() &&
          !name.hasTrait<CompilerOp>());
}

std::string nameFault(StringRef name) {
  constexpr size_t kMaxBytes = 1024; // the limit of the runtime's readers
  if (name.empty())
    return "is empty";
  if (name.size() > kMaxBytes)
    return "has " + std::to_string(name.size()) + " bytes, expected at most " +
           std::to_string(kMaxBytes);
  if (!llvm::json::isUTF8(name))
    return "is not valid UTF-8";
  // In UTF-8 a control character is one byte below 32, 127, or U+0080 to
  // U+009F: C2 and a byte below A0.
  for (size_t i = 0; i < name.size(); ++i)
    if (uint8_t c = name[i];
        c < 32 || c == 127 ||
        (c == 0xC2 && uint8_t(name[i + 1]) < 0xA0))
      return "has a control character";
  // safetensors keeps its own fields under this name.
  return name == "__metadata__" ? "is reserved" : "";
}

StringRef meaningText(Meaning meaning) {
  switch (meaning) {
  case Meaning::Scores:
    return "scores";
  case Meaning::Probabilities:
    return "probabilities";
  case Meaning::LogProbabilities:
    return "log-probabilities";
  }
  llvm_unreachable("all meanings have a name");
}

Meaning meaningOf(Value value) {
  auto op = value.getDefiningOp<MeaningInterface>();
  return op ? op.getMeaning() : Meaning::Scores;
}

static LogicalResult
verifyStorage(llvm::function_ref<InFlightDiagnostic()> emitError,
              Type storage) {
  if (!storage || storage.isBF16())
    return success();
  return emitError() << "[storage_c1] the type in memory is " << storage
                     << ", expected bf16";
}

LogicalResult
LanesAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t,
                  Type storage) {
  return verifyStorage(emitError, storage);
}
LogicalResult
ChannelsAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                     int64_t, Type storage) {
  return verifyStorage(emitError, storage);
}
LogicalResult
StoredAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   Type storage) {
  return verifyStorage(emitError, storage);
}

RankedTensorType withShape(RankedTensorType like, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, like.getElementType(),
                               like.getEncoding());
}

RankedTensorType dense(RankedTensorType like, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, like.getElementType());
}

int64_t saturatingProduct(ArrayRef<int64_t> counts) {
  int64_t product = 1;
  for (int64_t count : counts)
    if (llvm::MulOverflow(product, count, product))
      return std::numeric_limits<int64_t>::max();
  return product;
}

std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t d : shape) {
    if (!text.empty())
      text += "x";
    text += ShapedType::isDynamic(d) ? "?" : std::to_string(d);
  }
  return shape.empty() ? "scalar" : text;
}

} // namespace gradmill::nn
