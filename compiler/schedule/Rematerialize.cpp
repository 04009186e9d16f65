// Computes pointwise values again if they are needed much later, instead of
// keeping them. For example, the backward pass needs the normalized and
// dropped-out input of a convolution for the weights' gradient. This input is a
// formula of the output of the convolution before it, which is kept in any
// case. Memory traffic costs more than the formula. A value is kept if
// computing it would read more than the value itself, as at the end of a chain
// of residual blocks.
//
// With a limit of memory, ops with loop nests of their own are computed again
// as well: first those with the fewest multiply-adds per byte, until an
// estimate of the temporaries fits. The driver measures the result, and tries
// again with a lower limit.
//
// "Much later" means in another section: after a barrier that waits for a sum
// over the batch, where the value would have to go through memory.
//
// requires: plain nn ops. maintains: the same; no value lives longer except
// per-channel tensors and masks.
#include "compiler/schedule/Sections.h"
#include <map>

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_REMATERIALIZE
#include "compiler/Passes.h.inc"

namespace {

class Rematerializer {
public:
  explicit Rematerializer(Block &block) : block(block) {
    unsigned section = 0, count = 0;
    for (Operation &op : block) {
      section += llvm::any_of(op.getOperands(), [&](Value operand) {
        return endsSection(operand) &&
               at(operand.getDefiningOp()).section == section;
      });
      positions[&op] = {count++, section};
    }
  }

  void run() {
    // Backwards, so that the operands of a copy can be replaced by copies in
    // turn.
    SmallVector<Operation *> ops =
        llvm::map_to_vector(block, [](Operation &op) { return &op; });
    for (Operation *op : llvm::reverse(ops))
      if (isa<nn::PointwiseInterface>(op) || allowed.contains(op))
        for (OpResult result : op->getResults())
          if (isLarge(result))
            replaceLateUses(result);
  }

  /// Computes more ops again until the estimate is at most `limit`. False if no
  /// candidate is left. `chosen` receives the ops.
  bool shrinkTo(int64_t limit, SmallVectorImpl<Operation *> &chosen) {
    atAnyCost = true;
    while (true) {
      unsigned section = 0;
      if (estimate(section) <= limit)
        return true;
      Operation *next = cheapest(section);
      if (!next)
        return false;
      allowed.insert(next);
      chosen.push_back(next);
      run();
    }
  }

private:
  // The last section that reads a value.
  unsigned lastUse(Value v) const {
    unsigned last = 0;
    for (Operation *user : v.getUsers())
      last = std::max(last, at(user).section);
    return last;
  }

  // The most bytes that are kept from one section to the next, and where.
  int64_t estimate(unsigned &worst) const {
    SmallVector<int64_t> bytes;
    for (Operation &op : block)
      for (OpResult result : op.getResults()) {
        unsigned first = at(&op).section, last = lastUse(result);
        if (cast<RankedTensorType>(result.getType()).getRank() < 2 ||
            last == first || isa<nn::ParameterOp>(op))
          continue;
        if (bytes.size() <= last)
          bytes.resize(last + 1);
        for (unsigned s = first; s <= last; ++s)
          bytes[s] += bytesOf(result);
      }
    if (bytes.empty())
      return 0;
    worst = llvm::max_element(bytes) - bytes.begin();
    return bytes[worst];
  }

  // The op with the fewest multiply-adds per byte that would not be kept
  // through `section` if it were computed again.
  Operation *cheapest(unsigned section) {
    Operation *best = nullptr;
    double least = 1e300;
    for (Operation &op : block) {
      auto cost = dyn_cast<nn::CostInterface>(op);
      if (!cost || !isa<nn::LoweringInterface>(op) || allowed.contains(&op) ||
          op.getNumResults() != 1 || at(&op).section >= section)
        continue;
      OpResult kept = op.getResult(0);
      while (lastUse(kept) == at(&op).section) { // kept is the value computed from it
        auto follower = llvm::find_if(kept.getUsers(), [](Operation *user) {
          return isa<nn::PointwiseInterface>(user) &&
                 user->getNumResults() == 1;
        });
        if (follower == kept.getUsers().end())
          break;
        kept = (*follower)->getResult(0);
      }
      if (lastUse(kept) < section || !isLarge(kept))
        continue;
      allowed.insert(&op);
      bool possible = llvm::all_of(kept.getUsers(), [&](Operation *user) {
        return at(user).section == at(&op).section ||
               isAvailable(kept, at(user), 0);
      });
      allowed.erase(&op);
      double ratio = double(cost.getMacs()) / double(bytesOf(kept));
      if (possible && ratio < least) {
        least = ratio;
        best = &op;
      }
    }
    return best;
  }

  struct Position {
    unsigned index = 0, section = 0;
  };

  Position at(Operation *op) const {
    return positions.lookup(block.findAncestorOpInBlock(*op));
  }

  // The sections after its own that read the value, up to the first one in
  // which it cannot be computed again.
  void replaceLateUses(OpResult value) {
    unsigned home = at(value.getOwner()).section;
    std::map<unsigned, SmallVector<OpOperand *>> late;
    for (OpOperand &use : value.getUses())
      if (at(use.getOwner()).section > home)
        late[at(use.getOwner()).section].push_back(&use);
    // The bytes saved by not keeping the value, minus the bytes read to compute
    // it.
    int64_t gain = bytesOf(value);
    for (auto &[section, uses] : late) {
      llvm::sort(uses, [&](OpOperand *a, OpOperand *b) {
        // A copy has the index of its original.
        unsigned first = at(a->getOwner()).index, other = at(b->getOwner()).index;
        return first != other ? first < other
                              : a->getOwner()->isBeforeInBlock(b->getOwner());
      });
      Position here = at(uses.front()->getOwner());
      if (!isAvailable(value, here, /*depth=*/0)) {
        late.erase(late.find(section), late.end());
        gain -= bytesOf(value); // it is stored in any case
        break;
      }
      gain += bytesOf(value) - bytesToRead(value, here);
    }
    if (gain < 0 && !atAnyCost)
      return;
    for (auto &[section, uses] : late) {
      Operation *first = uses.front()->getOwner();
      Value copy = recompute(value, first, at(first));
      for (OpOperand *use : uses)
        use->set(copy);
    }
  }

  // The operands for computing the value at `here` that nothing else in that
  // section reads.
  int64_t bytesToRead(OpResult value, Position here) const {
    llvm::SmallSetVector<Value, 8> sources;
    addSources(value, here, sources);
    int64_t bytes = 0;
    for (Value v : sources)
      if (llvm::none_of(v.getUsers(), [&](Operation *user) {
            return user->getBlock() == &block &&
                   at(user).section == here.section;
          }))
        bytes += bytesOf(v);
    return bytes;
  }

  void addSources(OpResult value, Position here,
                  llvm::SmallSetVector<Value, 8> &sources) const {
    Operation *owner = value.getOwner();
    auto operands = sourcesOf(owner, value.getResultNumber())
                        .value_or(SmallVector<Value>(owner->getOperands()));
    for (Value operand : operands) {
      if (!isLarge(operand))
        continue;
      if (!isAliveAt(operand, here))
        addSources(cast<OpResult>(operand), here, sources);
      else if (!isSource(operand.getDefiningOp()))
        sources.insert(operand);
    }
  }

  // Whether the operands of the value are alive at `here`, or can be computed.
  bool isAvailable(OpResult value, Position here, int depth) const {
    Operation *owner = value.getOwner();
    bool pointwise = isa<nn::PointwiseInterface>(owner);
    if ((!pointwise && !allowed.contains(owner)) || depth > kMaxChain ||
        at(owner).section >= here.section)
      return false;
    auto alive = [&](Value operand) {
      if (!isLarge(operand) || isAliveAt(operand, here))
        return true;
      auto result = dyn_cast<OpResult>(operand);
      return result && isAvailable(result, here, depth + 1);
    };
    if (!pointwise)
      return llvm::all_of(owner->getOperands(), alive);
    auto sources = sourcesOf(owner, value.getResultNumber());
    return sources && llvm::all_of(*sources, alive);
  }

  // Whether an op other than `except` reads the value at `here` or later.
  bool isAliveAt(Value v, Position here, Operation *except = nullptr) const {
    if (isa<BlockArgument>(v) || isSource(v.getDefiningOp()))
      return true;
    return at(v.getDefiningOp()).section == here.section ||
           llvm::any_of(v.getUsers(), [&](Operation *user) {
             return user != except && user->getBlock() == &block &&
                    at(user).index >= here.index;
           });
  }

  Value recompute(OpResult value, Operation *user, Position here) {
    OpBuilder builder(user);
    auto op = dyn_cast<nn::PointwiseInterface>(value.getOwner());
    Value copy = op ? op.recompute(builder, value.getResultNumber())
                    : builder.clone(*value.getOwner())
                          ->getResult(value.getResultNumber());
    Operation *made = copy.getDefiningOp();
    positions[made] = here;
    for (OpOperand &operand : made->getOpOperands())
      if (isLarge(operand.get()) && !isAliveAt(operand.get(), here, made))
        operand.set(recompute(cast<OpResult>(operand.get()), made, here));
    return copy;
  }

  Block &block;
  llvm::DenseMap<Operation *, Position> positions;
  llvm::DenseSet<Operation *> allowed; // with loop nests of their own
  bool atAnyCost = false;              // memory counts, traffic does not
};

struct RematerializePass : impl::RematerializeBase<RematerializePass> {
  using RematerializeBase::RematerializeBase;
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (!func->hasAttr(kEntryAttr))
        continue;
      Rematerializer pass(func.front());
      pass.run();
      if (!maxMemory)
        continue;
      SmallVector<Operation *> chosen;
      if (!pass.shrinkTo(maxMemory, chosen))
        func->setAttr(kMemoryExhaustedAttr, UnitAttr::get(&getContext()));
      SmallVector<Attribute> names;
      for (Operation *op : chosen)
        names.push_back(StringAttr::get(&getContext(), describe(op)));
      if (!names.empty())
        func->setAttr(kRecomputedAttr, ArrayAttr::get(&getContext(), names));
    }
  }

  static std::string describe(Operation *op) {
    std::string text = op->getName().stripDialect().str();
    for (Value operand : op->getOperands())
      if (auto parameter = operand.getDefiningOp<nn::ParameterOp>())
        text += " " + parameter.getName().str();
    return text;
  }
};
} // namespace
} // namespace gradmill
