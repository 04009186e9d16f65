// Groups ops that are computed in one sweep over the batch. Pointwise formulas
// and per-channel sums join the kernel that produces their operands, so the
// values between them never go through memory.
//
// A formula whose elements only one op reads, and each about once, is computed
// by that op where it reads them.
//
// A kernel runs where its last op stood. So an op may join only if nothing
// outside of the kernel and before the op reads one of the kernel's values.
//
// If an op could have joined and did not, it keeps the reason (nn.unfused) for
// the report.
//
// requires: layouts are assigned. maintains: an nn.fused body is (pointwise*
// anchor)? (pointwise | channel reduction)*, with elements of one shape after
// the anchor; values used outside are yielded.
#include "compiler/Passes.h"
#include "compiler/Remarks.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_FUSEKERNELS
#include "compiler/Passes.h.inc"

namespace {

RankedTensorType lanesType(Value v) {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  return type && type.getRank() >= 2 && nn::layoutOf(type) != nn::Layout::Dense
             ? type
             : RankedTensorType();
}

// The shape of an op that can be computed element by element, or null.
RankedTensorType elementSpace(Operation *op) {
  if (isa<nn::LoweringInterface>(op))
    return {};
  if (isa<nn::PointwiseInterface>(op))
    return lanesType(op->getResult(0));
  if (!isa<nn::ChannelReductionInterface>(op))
    return {};
  for (Value operand : op->getOperands())
    if (auto type = lanesType(operand))
      return type;
  return {};
}

struct Group {
  SmallVector<Operation *> ops;
  RankedTensorType space; // the shape of the group's results
};

class Fuser {
public:
  explicit Fuser(Block &block) : block(block) {}

  void run() {
    for (Operation &op : block) {
      position[&op] = position.size();
      if (!join(&op))
        open(&op);
    }
    for (Operation &op : block)
      for (unsigned i = 0; i < op.getNumOperands(); ++i)
        if (lanesType(op.getOperand(i)) && nn::readsOnce(&op, i))
          computeWhereRead(&op, op.getOperand(i));
    for (auto &group : groups)
      if (group->ops.size() > 1)
        materialize(*group);
  }

private:
  void open(Operation *op) {
    RankedTensorType space = elementSpace(op);
    if (nn::supportsEpilogue(op))
      space = lanesType(op->getResult(0));
    if (!space)
      return;
    groups.push_back(std::make_unique<Group>(Group{{op}, space}));
    groupOf[op] = groups.back().get();
  }

  bool join(Operation *op) {
    // The latest kernel among the producers. The others must have run before
    // it.
    Group *group = nullptr;
    for (Value operand : op->getOperands())
      if (Group *candidate = groupOf.lookup(operand.getDefiningOp()))
        if (!group ||
            position[candidate->ops.back()] > position[group->ops.back()])
          group = candidate;
    if (std::string reason = whyNot(op, group); !reason.empty()) {
      op->setAttr(kUnfusedAttr,
                  StringAttr::get(op->getContext(), "not fused: " + reason));
      return false;
    }
    if (!group || !elementSpace(op))
      return false;
    for (Value operand : op->getOperands())
      if (Group *other = groupOf.lookup(operand.getDefiningOp()))
        if (other != group && canAbsorb(*group, *other, op))
          absorb(*group, *other);
    group->ops.push_back(op);
    groupOf[op] = group;
    return true;
  }

  // Whether another producer of `op`, which consists of formulas only, can also
  // be computed in the group's sweep, where `op` stands.
  bool canAbsorb(const Group &group, const Group &other, Operation *op) {
    auto inside = [&](Operation *o) {
      Group *g = groupOf.lookup(o);
      return g == &group || g == &other;
    };
    auto waits = [&](Operation *member) { // for a finished sum of either
      return llvm::any_of(member->getOperands(), [&](Value operand) {
        Operation *def = operand.getDefiningOp();
        return def && inside(def) && !lanesType(operand);
      });
    };
    auto readBefore = [&](Operation *member) { // the anchor reads neighbours
      return llvm::any_of(member->getUsers(), [&](Operation *user) {
        return (!inside(user) || !elementSpace(user)) && user != op &&
               user->getBlock() == &block && user->isBeforeInBlock(op);
      });
    };
    return group.space.getShape() == other.space.getShape() &&
           !hasAnchor(other) && llvm::none_of(group.ops, waits) &&
           llvm::none_of(other.ops, [&](Operation *member) {
             return waits(member) || readBefore(member);
           });
  }

  // The anchor stays first, and each op comes after its operands.
  void absorb(Group &group, Group &other) {
    for (Operation *member : other.ops)
      groupOf[member] = &group;
    llvm::append_range(group.ops, std::exchange(other.ops, {}));
    std::sort(
        group.ops.begin() + hasAnchor(group), group.ops.end(),
        [&](Operation *a, Operation *b) { return position[a] < position[b]; });
  }

  // Moves the formula of an operand of `reader` to its kernel, if nothing else
  // needs one of the formula's values.
  void computeWhereRead(Operation *reader, Value value) {
    llvm::SmallSetVector<Operation *, 8> formula; // each after its users
    // All of one shape: operands that are repeated along axes are read from
    // memory.
    ArrayRef<int64_t> shape = lanesType(value).getShape();
    auto add = [&](Operation *op) {
      if (op && isFormula(op) && elementSpace(op).getShape() == shape &&
          llvm::all_of(op->getUsers(), [&](auto *user) {
            return user == reader || formula.contains(user);
          }))
        formula.insert(op);
    };
    add(value.getDefiningOp());
    for (size_t i = 0; i < formula.size(); ++i)
      for (Value operand : formula[i]->getOperands())
        add(operand.getDefiningOp());
    // Takes nothing from another sweep that runs in any case.
    auto apart = [&](Operation *op) {
      Group *group = groupOf.lookup(op);
      return !group || llvm::all_of(group->ops, [&](Operation *member) {
        return formula.contains(member);
      });
    };
    auto readOften = [&](OpOperand &operand) {
      return formula.contains(operand.get().getDefiningOp()) &&
             !nn::readsOnce(reader, operand.getOperandNumber());
    };
    if (formula.empty() || !llvm::all_of(formula, apart) ||
        llvm::any_of(reader->getOpOperands(), readOften))
      return;
    if (!groupOf.lookup(reader)) {
      groups.push_back(std::make_unique<Group>(Group{{reader}, {}}));
      groupOf[reader] = groups.back().get();
    }
    for (Operation *op : formula)
      if (Group *group = groupOf.lookup(op))
        group->ops.clear();
    Group &kernel = *groupOf[reader];
    for (Operation *op : formula) {
      kernel.ops.insert(kernel.ops.begin(), op);
      groupOf[op] = &kernel;
    }
  }

  // Computable anywhere, from elements at the same place.
  static bool isFormula(Operation *op) {
    auto pointwise = dyn_cast<nn::PointwiseInterface>(op);
    RankedTensorType space = elementSpace(op);
    return pointwise && space && op->getNumResults() == 1 &&
           nn::layoutOf(space) == nn::Layout::Lanes &&
           !pointwise.needsPosition();
  }

  static bool hasAnchor(const Group &group) {
    return !elementSpace(group.ops.front());
  }

  static std::string quoted(Operation *op) {
    return "'" + sourceName(op).split('.').second.str() + "'";
  }

  // Why `op` cannot run in the group's sweep; "" also if there is nothing to
  // join.
  std::string whyNot(Operation *op, Group *group) {
    RankedTensorType space = elementSpace(op);
    if (isa<nn::LoweringInterface>(op))
      return "";
    if (!group)
      return closedProducer(op);
    // A per-channel result of the group exists only after its sweep.
    for (Value operand : op->getOperands())
      if (Operation *def = operand.getDefiningOp();
          def && groupOf.lookup(def) == group && !lanesType(operand))
        return "needs the finished result of " + quoted(def) +
               ", a sum over the whole batch";
    if (!space)
      return "";
    for (Value operand : op->getOperands()) // other results of a member
      if (auto type = lanesType(operand);
          type && groupOf.lookup(operand.getDefiningOp()) == group &&
          type.getShape() != group->space.getShape())
        return "reads " + nn::shapeText(type.getShape()) +
               " of the sweep before, which is over " +
               nn::shapeText(group->space.getShape());
    if (group->space.getShape() != space.getShape())
      return "its elements are " + nn::shapeText(space.getShape()) +
             ", the sweep before is over " +
             nn::shapeText(group->space.getShape());
    for (Operation *member : group->ops)
      for (Operation *user : member->getUsers())
        if (groupOf.lookup(user) != group && user != op &&
            user->getBlock() == &block && user->isBeforeInBlock(op)) {
          bool feeds = llvm::any_of(op->getOperands(), [&](Value v) {
            return v.getDefiningOp() == user;
          });
          return feeds
                     ? "needs " + quoted(user) + " of the finished " +
                           quoted(member)
                     : quoted(user) + " reads " + quoted(member) + " before it";
        }
    return "";
  }

  // A producer that hands over nothing in registers.
  static std::string closedProducer(Operation *op) {
    for (Value operand : op->getOperands())
      if (auto producer = operand.getDefiningOp<nn::LoweringInterface>();
          producer && lanesType(operand) && lanesType(producer->getResult(0)) &&
          !nn::supportsEpilogue(producer) && elementSpace(op) &&
          !isa<nn::PackOp>(producer))
        return quoted(producer) + " adds its result up in memory";
    return "";
  }

  void materialize(Group &group) {
    Operation *last = group.ops.back();
    SmallVector<Value> escaping;
    llvm::SmallPtrSet<Operation *, 8> members(group.ops.begin(),
                                              group.ops.end());
    for (Operation *op : group.ops)
      for (Value result : op->getResults())
        if (llvm::any_of(result.getUsers(),
                         [&](Operation *u) { return !members.contains(u); }))
          escaping.push_back(result);
    OpBuilder builder(last);
    SmallVector<Location> locs = llvm::map_to_vector(
        group.ops, [](Operation *o) { return o->getLoc(); });
    auto fused = nn::FusedOp::create(builder, builder.getFusedLoc(locs),
                                     TypeRange(ValueRange(escaping)));
    Block *body = builder.createBlock(&fused.getBody());
    for (auto [outer, inner] : llvm::zip(fused.getResults(), escaping))
      inner.replaceUsesWithIf(outer, [&](OpOperand &use) {
        return !members.contains(use.getOwner());
      });
    for (Operation *op : group.ops)
      op->moveBefore(body, body->end());
    builder.setInsertionPointToEnd(body);
    nn::YieldOp::create(builder, fused.getLoc(), escaping);
  }

  Block &block;
  llvm::DenseMap<Operation *, unsigned> position;
  llvm::DenseMap<Operation *, Group *> groupOf;
  std::vector<std::unique_ptr<Group>> groups;
};

struct FuseKernelsPass : impl::FuseKernelsBase<FuseKernelsPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr(kEntryAttr))
        Fuser(func.front()).run();
  }
};
} // namespace
} // namespace gradmill
