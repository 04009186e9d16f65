#include "compiler/vector/LibmCalls.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace gradmill {

static bool isLibm(Operation *op) {
  return isa<math::Exp2Op, math::PowFOp, math::FPowIOp, math::TanOp,
             math::SinhOp, math::CoshOp, math::AsinhOp, math::AcoshOp,
             math::AtanhOp, math::Log10Op, math::RoundOp>(op);
}

std::string libmCalls(ArrayRef<Operation *> code) {
  llvm::SetVector<StringRef> names;
  for (Operation *op : code)
    op->walk([&](Operation *nested) {
      if (nested->getNumResults() != 1 || !isLibm(nested))
        return;
      auto vector = dyn_cast<VectorType>(nested->getResult(0).getType());
      if (vector && vector.getElementType().isF32())
        names.insert(nested->getName().getStringRef());
    });
  return llvm::join(names, ", ");
}

} // namespace gradmill
