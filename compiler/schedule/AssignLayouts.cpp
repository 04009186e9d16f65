// Decides how every tensor lies in memory, and says so in its type.
//
// Activations take the lanes layout: one vector holds the same element of V images,
// so any number of channels runs at full width, and sums over the batch's images
// become sums of vectors. V is the target's vector width, or the largest power of
// two below it that divides the batch. Parameters and what the caller hands in or
// receives stay dense; nn.pack and nn.unpack stand where the two meet.
//
// requires: static shapes; every op is structural or has a lowering of some kind.
// maintains: operands are in the layout that their op asks for.
#include "compiler/Passes.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_ASSIGNLAYOUTS
#include "compiler/Passes.h.inc"

namespace {
using nn::Layout;

class LayoutAssigner {
public:
  LayoutAssigner(func::FuncOp func, int64_t vectorBytes) : block(func.front()), builder(func) {
    lanes = chooseLanes(func, vectorBytes);
  }

  LogicalResult run() {
    SmallVector<Operation *> ops =
        llvm::map_to_vector(block, [](Operation &op) { return &op; });
    if (failed(checkLowerings(ops)))
      return failure();
    for (Operation *op : ops)
      assign(op);
    return success();
  }

private:
  static int64_t chooseLanes(func::FuncOp func, int64_t vectorBytes) {
    for (Type type : func.getArgumentTypes()) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor || tensor.getRank() < 2 || !isa<FloatType>(tensor.getElementType()))
        continue;
      int64_t lanes = vectorBytes * 8 / tensor.getElementTypeBitWidth();
      while (lanes > 1 && tensor.getDimSize(0) % lanes)
        lanes /= 2;
      return std::max<int64_t>(lanes, 1);
    }
    return 1;
  }

  static bool isStructural(Operation *op) {
    return isa<nn::ParameterOp, nn::AssignOp, nn::ConstantOp, func::ReturnOp>(op);
  }

  LogicalResult checkLowerings(ArrayRef<Operation *> ops) {
    SmallVector<Operation *> blocked;
    for (Operation *op : ops)
      if (!isStructural(op) &&
          !isa<nn::LoweringInterface, nn::PointwiseInterface, nn::ChannelReductionInterface>(op))
        blocked.push_back(op);
    if (blocked.empty())
      return success();
    auto error = emitError(blocked.front()->getLoc())
                 << "[no_lowering] cannot compile: " << blocked.size()
                 << (blocked.size() == 1 ? " op has" : " ops have") << " no lowering: ";
    llvm::interleaveComma(blocked, error,
                          [&](Operation *op) { error << "'" << op->getName() << "'"; });
    for (Operation *op : blocked)
      error.attachNote(op->getLoc()) << "'" << op->getName() << "' is here";
    return failure();
  }

  void assign(Operation *op) {
    builder.setInsertionPoint(op);
    if (isStructural(op)) {
      for (OpOperand &operand : op->getOpOperands())
        require(operand, Layout::Dense);
    } else if (auto lowering = dyn_cast<nn::LoweringInterface>(op)) {
      for (OpOperand &operand : op->getOpOperands())
        require(operand, lowering.getOperandLayout(operand.getOperandNumber()));
      for (OpResult result : op->getResults())
        setLayout(result, lowering.getResultLayout(result.getResultNumber()));
    } else if (isa<nn::ChannelReductionInterface>(op)) {
      for (OpOperand &operand : op->getOpOperands())
        require(operand, rankOf(operand.get()) >= 2 ? Layout::Lanes : Layout::Dense);
    } else {
      assignPointwise(cast<nn::PointwiseInterface>(op));
    }
  }

  // A pointwise op follows its operands: lanes if one of them is, or if the formula
  // needs to know the channel or the position, which a dense sweep does not.
  void assignPointwise(nn::PointwiseInterface op) {
    auto isElement = [&](Value v) { return rankOf(v) >= 2; };
    bool perChannel = isElement(op->getResult(0)) &&
                      llvm::any_of(op->getOperands(), [&](Value v) { return rankOf(v) == 1; });
    bool inLanes = op.needsPosition() || perChannel ||
                   llvm::any_of(op->getOperands(), [&](Value v) {
                     return isElement(v) && nn::layoutOf(v.getType()) == Layout::Lanes;
                   });
    Layout layout = inLanes ? Layout::Lanes : Layout::Dense;
    for (OpOperand &operand : op->getOpOperands())
      require(operand, isElement(operand.get()) ? layout : Layout::Dense);
    for (OpResult result : op->getResults())
      setLayout(result, rankOf(result) >= 2 ? layout : Layout::Dense);
  }

  static int64_t rankOf(Value v) { return cast<RankedTensorType>(v.getType()).getRank(); }

  RankedTensorType typeWith(RankedTensorType type, Layout layout) {
    Attribute encoding =
        layout == Layout::Lanes ? nn::LanesAttr::get(type.getContext(), lanes) : Attribute();
    return RankedTensorType::get(type.getShape(), type.getElementType(), encoding);
  }

  void setLayout(Value value, Layout layout) {
    value.setType(typeWith(cast<RankedTensorType>(value.getType()), layout));
  }

  void require(OpOperand &operand, Layout layout) {
    Value value = operand.get();
    auto type = cast<RankedTensorType>(value.getType());
    // A 0-d tensor has no batch to put into lanes.
    if (type.getRank() == 0 || nn::layoutOf(type) == layout)
      return;
    Value &converted = conversions[value];
    if (!converted) {
      Type target = typeWith(type, layout);
      converted = layout == Layout::Lanes
                      ? nn::PackOp::create(builder, value.getLoc(), target, value).getResult()
                      : nn::UnpackOp::create(builder, value.getLoc(), target, value).getResult();
    }
    operand.set(converted);
  }

  Block &block;
  OpBuilder builder;
  int64_t lanes;
  DenseMap<Value, Value> conversions;
};

struct AssignLayoutsPass : impl::AssignLayoutsBase<AssignLayoutsPass> {
  using AssignLayoutsBase::AssignLayoutsBase;
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr(kEntryAttr) && failed(LayoutAssigner(func, vectorBytes).run()))
        return signalPassFailure();
  }
};
} // namespace
} // namespace gradmill
