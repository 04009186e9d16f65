#include "compiler/schedule/Sections.h"

using namespace mlir;

namespace gradmill {

bool endsSection(Value v) {
  return isa_and_nonnull<nn::ChannelReductionInterface>(v.getDefiningOp());
}

llvm::DenseSet<Value> valuesOfBatch(Block &block) {
  llvm::DenseSet<Value> batch;
  for (Value argument : block.getArguments())
    if (cast<RankedTensorType>(argument.getType()).getRank() > 0)
      batch.insert(argument);
  auto reads = [&](OpOperand &operand) {
    if (!batch.contains(operand.get()))
      return false;
    // A formula's operand may lie along other axes.
    Operation *op = operand.getOwner();
    if (!isa<nn::PointwiseInterface>(op) || isa<nn::LoweringInterface>(op))
      return true;
    nn::Reading reading = nn::readingOf(op, operand.getOperandNumber());
    return reading == nn::Reading::Element ||
           reading == nn::Reading::PerSample;
  };
  for (Operation &op : block) {
    if (isa<nn::ChannelReductionInterface>(op) ||
        llvm::none_of(op.getOpOperands(), reads))
      continue;
    bool hasLoops = isa<nn::LoweringInterface>(op);
    for (OpResult result : op.getResults())
      if (hasLoops ? nn::resultLayout(&op, result.getResultNumber()) ==
                         nn::Layout::Lanes
                   : isa<nn::PointwiseInterface>(op))
        batch.insert(result);
  }
  return batch;
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
  // Only the op knows: ask it for a copy, and discard that.
  OpBuilder builder(op->getContext());
  Block scrap;
  builder.setInsertionPointToStart(&scrap);
  Value copy = pointwise.recompute(builder, index);
  if (!copy)
    return {};
  return llvm::to_vector(copy.getDefiningOp()->getOperands());
}

} // namespace gradmill
