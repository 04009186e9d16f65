// Computes pointwise values again where they are needed much later, instead of keeping
// them: the normalized and dropped-out input of a convolution, which the backward pass
// needs for the weights' gradient, is a formula of the convolution's output before it,
// which is kept in any case. Memory traffic costs more than the formula.
//
// "Much later" is behind a reduction over the batch. Kernels on both sides of one cannot
// be merged, so the value would have to go through memory.
//
// requires: plain nn ops. maintains: the same; no value's life gets longer but those of
// per-channel tensors and masks.
#include "compiler/Passes.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_REMATERIALIZE
#include "compiler/Passes.h.inc"

namespace {

class Rematerializer {
public:
  explicit Rematerializer(Block &block) : block(block) {
    unsigned reductions = 0, count = 0;
    for (Operation &op : block) {
      positions[&op] = {count++, reductions};
      reductions += isa<nn::ChannelReductionInterface>(op);
    }
  }

  void run() {
    SmallVector<Operation *> ops = llvm::map_to_vector(block, [](Operation &op) { return &op; });
    for (Operation *op : ops)
      if (isa<nn::PointwiseInterface>(op))
        for (OpResult result : op->getResults())
          if (isLarge(result))
            replaceLateUses(result);
  }

private:
  struct Position {
    unsigned index = 0, section = 0; // sections lie between reductions
  };

  Position at(Operation *op) const { return positions.lookup(block.findAncestorOpInBlock(*op)); }

  static bool isLarge(Value v) {
    auto type = cast<RankedTensorType>(v.getType());
    return type.getRank() >= 2 && type.getElementTypeBitWidth() > 1;
  }

  void replaceLateUses(OpResult value) {
    Position home = at(value.getOwner());
    SmallVector<OpOperand *> late;
    for (OpOperand &use : value.getUses())
      if (at(use.getOwner()).section > home.section)
        late.push_back(&use);
    llvm::sort(late, [&](OpOperand *a, OpOperand *b) {
      return at(a->getOwner()).index < at(b->getOwner()).index;
    });
    Value copy;
    unsigned section = 0;
    for (OpOperand *use : late) {
      Position here = at(use->getOwner());
      if (!copy || here.section != section) {
        if (!isAvailable(value, here, /*depth=*/0))
          return;
        copy = recompute(value, use->getOwner(), here);
        section = here.section;
      }
      use->set(copy);
    }
  }

  // Whether what the value is computed from is alive at `here`, or can be computed.
  bool isAvailable(OpResult value, Position here, int depth) const {
    auto op = dyn_cast<nn::PointwiseInterface>(value.getOwner());
    if (!op || depth > kMaxChain || at(op).section >= here.section)
      return false;
    // Whether the op can say it: asked with a copy that is thrown away.
    OpBuilder builder(block.getParentOp()->getContext());
    Block scrap;
    builder.setInsertionPointToStart(&scrap);
    Value probe = op.recompute(builder, value.getResultNumber());
    if (!probe)
      return false;
    return llvm::all_of(probe.getDefiningOp()->getOperands(), [&](Value operand) {
      if (!isLarge(operand) || isAliveAt(operand, here))
        return true;
      auto result = dyn_cast<OpResult>(operand);
      return result && isAvailable(result, here, depth + 1);
    });
  }

  // Whether an op other than `except` reads the value at `here` or later.
  bool isAliveAt(Value v, Position here, Operation *except = nullptr) const {
    if (isa<BlockArgument>(v))
      return true;
    return at(v.getDefiningOp()).section == here.section ||
           llvm::any_of(v.getUsers(), [&](Operation *user) {
             return user != except && user->getBlock() == &block &&
                    at(user).index >= here.index;
           });
  }

  Value recompute(OpResult value, Operation *user, Position here) {
    OpBuilder builder(user);
    auto op = cast<nn::PointwiseInterface>(value.getOwner());
    Value copy = op.recompute(builder, value.getResultNumber());
    Operation *made = copy.getDefiningOp();
    positions[made] = here;
    for (OpOperand &operand : made->getOpOperands())
      if (isLarge(operand.get()) && !isAliveAt(operand.get(), here, made))
        operand.set(recompute(cast<OpResult>(operand.get()), made, here));
    return copy;
  }

  static constexpr int kMaxChain = 4; // ops computed again for one value

  Block &block;
  llvm::DenseMap<Operation *, Position> positions;
};

struct RematerializePass : impl::RematerializeBase<RematerializePass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr(kEntryAttr))
        Rematerializer(func.front()).run();
  }
};
} // namespace
} // namespace gradmill
