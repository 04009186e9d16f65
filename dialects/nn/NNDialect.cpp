#include "nn/LinalgOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/ErrorHandling.h"

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

// Linalg's many ops take their time to register, and most graphs need none.
void NNDialect::loadDialectsOf(llvm::StringRef name) {
  if (RegisteredOperationName::lookup(name, getContext())
          ->hasInterface<LinalgInterface>())
    getContext()->loadDialect<arith::ArithDialect, linalg::LinalgDialect,
                              math::MathDialect, tensor::TensorDialect>();
}

namespace gradmill::nn {

// One dimension of tasks: all that the interface asks about is fixed.
int64_t KernelAttr::getMappingId() const { return 0; }
bool KernelAttr::isLinearMapping() const { return true; }
int64_t KernelAttr::getRelativeIndex() const { return 0; }

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

RankedTensorType withShape(RankedTensorType like, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, like.getElementType(),
                               like.getEncoding());
}

RankedTensorType dense(RankedTensorType like, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, like.getElementType());
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
