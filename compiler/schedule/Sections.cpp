#include "compiler/schedule/Sections.h"

using namespace mlir;

namespace gradmill {

bool endsSection(Value v) {
  return isa_and_nonnull<nn::ChannelReductionInterface>(v.getDefiningOp());
}

bool isLarge(Value v) {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  return type && type.getRank() >= 2 && type.getElementTypeBitWidth() > 1;
}

int64_t bytesOf(Value v) {
  auto type = cast<RankedTensorType>(v.getType());
  return llvm::divideCeil(type.getNumElements() * type.getElementTypeBitWidth(),
                          8);
}

bool isSource(Operation *op) {
  return isa_and_nonnull<nn::ParameterOp, nn::ConstantOp>(op);
}

std::optional<SmallVector<Value>> sourcesOf(Operation *op, unsigned index) {
  auto pointwise = dyn_cast<nn::PointwiseInterface>(op);
  if (!pointwise)
    return {};
  // Only the op can say: it is asked for a copy that is thrown away.
  OpBuilder builder(op->getContext());
  Block scrap;
  builder.setInsertionPointToStart(&scrap);
  Value copy = pointwise.recompute(builder, index);
  if (!copy)
    return {};
  return llvm::to_vector(copy.getDefiningOp()->getOperands());
}

} // namespace gradmill
