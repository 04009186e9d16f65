// Puts branches beside one another. In the order of the graph, the second
// branch of a residual block starts when the first is done, behind the barriers
// of its norms: what both read goes through memory twice, and each branch has
// barriers of its own. An op is free to run in any section between those of its
// operands and those of its users; here it takes one.
//
// Each op starts in the earliest. It moves to a later one where that saves
// bytes between sections: a filter's gradient reads its input where a neighbour
// has it in the cache, and a cotangent is made where it is added up. Formulas
// have no place of their own; they are computed where they are first needed, or
// again (rematerialize).
//
// What only updates the model's tensors stays last.
//
// requires: plain nn ops. maintains: the same, in another order. The graph's
// own order remains within a section.
#include "compiler/schedule/Sections.h"
#include <map>

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_ORDERSECTIONS
#include "compiler/Passes.h.inc"

namespace {

// What the search knows of an op.
struct Node {
  explicit Node(Operation *op) : op(op) {}
  Operation *op;
  unsigned section = 0, last = 0; // where it is, and the latest possible
  bool update = false;            // only the model's tensors depend on it
  bool formula = false;           // can be computed anywhere
  bool moved = false;             // from its earliest section
  bool placed = false;
  SmallVector<Node *> users;
};

class Orderer {
public:
  explicit Orderer(Block &block) : block(block) {
    for (Operation &op : block.without_terminator())
      nodes.emplace_back(&op);
    for (Node &node : nodes)
      nodeOf[node.op] = &node;
    for (Node &node : nodes)
      for (Value operand : node.op->getOperands())
        if (Node *def = nodeOf.lookup(operand.getDefiningOp()))
          if (!llvm::is_contained(def->users, &node))
            def->users.push_back(&node);
  }

  void run() {
    findUpdates();
    unsigned count = earliest();
    if (count < 2)
      return;
    for (Node &node : nodes) {
      node.formula =
          node.op->getNumResults() == 1 && sourcesOf(node.op, 0).has_value();
      if (node.update)
        node.section = count - 1;
    }
    // From the end, so that what reads an op has its place already.
    for (Node &node : llvm::reverse(nodes)) {
      node.last = latest(node, count - 1);
      if (!node.formula && !node.update && node.last > node.section &&
          !isSource(node.op))
        delay(node);
    }
    placeFormulas();
    reorder();
  }

private:
  using Leaves = llvm::SmallSetVector<Value, 8>;

  void findUpdates() {
    llvm::DenseSet<Value> batch = valuesOfBatch(block);
    auto ofBatch = [&](Value v) { return batch.contains(v); };
    for (Node &node : llvm::reverse(nodes))
      node.update =
          isa<nn::AssignOp>(node.op) ||
          (!isSource(node.op) &&
           llvm::none_of(node.op->getOperands(), ofBatch) &&
           llvm::all_of(node.users, [](Node *user) { return user->update; }));
  }

  unsigned earliest() {
    unsigned count = 0;
    for (Node &node : nodes) {
      for (Value operand : node.op->getOperands())
        if (Node *def = nodeOf.lookup(operand.getDefiningOp()))
          node.section = std::max(
              node.section, def->section + unsigned(endsSection(operand)));
      count = std::max(count, node.section + 1);
    }
    return count;
  }

  // The last section that is early enough for the users.
  static unsigned latest(const Node &node, unsigned end) {
    unsigned last = end;
    for (Node *user : node.users)
      for (Value operand : user->op->getOperands())
        if (operand.getDefiningOp() == node.op)
          last = std::min(last, (user->formula ? user->last : user->section) -
                                    unsigned(endsSection(operand)));
    return last;
  }

  // Tries the sections where one of the op's users is, or a reader of what it
  // reads.
  void delay(Node &node) {
    llvm::SmallSetVector<unsigned, 8> candidates;
    for (Node *user : node.users)
      candidates.insert(user->section);
    Leaves read;
    for (Value operand : node.op->getOperands())
      addLeaves(operand, node.section, read);
    for (auto &[section, leaves] : readsBySection())
      if (llvm::any_of(leaves, [&](Value v) { return read.contains(v); }))
        candidates.insert(section);
    unsigned first = node.section, best = first;
    int64_t least = bytesBetween();
    for (unsigned section : candidates) {
      if (section <= first || section > node.last)
        continue;
      node.section = section;
      if (int64_t bytes = bytesBetween(); bytes < least) {
        least = bytes;
        best = section;
      }
    }
    node.section = best;
    node.moved = best != first;
  }

  // Formulas run where they are first needed.
  void placeFormulas() {
    for (Node &node : llvm::reverse(nodes)) {
      if (!node.formula || node.users.empty())
        continue;
      unsigned first = node.last;
      for (Node *user : node.users)
        first = std::min(first, user->section);
      node.moved = first > node.section;
      node.section = std::max(node.section, first);
    }
  }

  // Whether a value is read in `section` or later, computing formulas again
  // apart.
  bool isAliveAt(Value v, unsigned section) const {
    if (isa<BlockArgument>(v) || isSource(v.getDefiningOp()))
      return true;
    return nodeOf.lookup(v.getDefiningOp())->section == section ||
           llvm::any_of(v.getUsers(), [&](Operation *user) {
             Node *node = nodeOf.lookup(user);
             return !node || node->section >= section;
           });
  }

  // What has to be read for `v` in a section: itself, or where it is a formula
  // of what is there in any case, that. False if neither is possible.
  void addLeaves(Value v, unsigned section, Leaves &leaves,
                 int depth = 0) const {
    if (!isLarge(v) || isSource(v.getDefiningOp()))
      return;
    Node *def = nodeOf.lookup(v.getDefiningOp());
    if (!def || !def->formula || depth == kMaxChain) {
      leaves.insert(v);
      return;
    }
    if (def->section != section &&
        !llvm::all_of(def->op->getOperands(), [&](Value operand) {
          if (!isLarge(operand) || isAliveAt(operand, section))
            return true;
          Node *next = nodeOf.lookup(operand.getDefiningOp());
          return next && next->formula;
        })) {
      leaves.insert(v);
      return;
    }
    Leaves sources;
    for (Value operand : def->op->getOperands())
      addLeaves(operand, section, sources, depth + 1);
    if (def->section != section && sources.size() > 2)
      leaves.insert(v); // keeping it is less
    else
      leaves.insert_range(sources);
  }

  std::map<unsigned, Leaves> readsBySection() const {
    std::map<unsigned, Leaves> reads;
    for (const Node &node : nodes)
      if (!node.formula && !node.update)
        for (Value operand : node.op->getOperands())
          addLeaves(operand, node.section, reads[node.section]);
    return reads;
  }

  // The bytes that go from section to section through memory.
  int64_t bytesBetween() const {
    llvm::DenseSet<Value> written;
    int64_t bytes = 0;
    for (auto &[section, leaves] : readsBySection())
      for (Value v : leaves) {
        Node *def = nodeOf.lookup(v.getDefiningOp());
        if (def && def->section == section)
          continue;
        bytes += bytesOf(v);
        if (def && written.insert(v).second)
          bytes += bytesOf(v);
      }
    return bytes;
  }

  // What came to a section from an earlier one stands behind the first kernel
  // that had to wait: merge-tasks would take it back. The others follow, so
  // that a sum of both is computed with the convolution that has been here,
  // mostly the larger one.
  void reorder() {
    std::map<unsigned, SmallVector<Node *>> sections;
    SmallVector<Node *> updates;
    // The model's tensors stay in the graph's order, in every entry: their
    // initial values are drawn by their number.
    for (Node &node : nodes)
      if (isSource(node.op))
        place(&node);
    for (Node &node : nodes)
      (node.update ? updates : sections[node.section]).push_back(&node);
    for (auto &[section, members] : sections) {
      auto waited = llvm::find_if(members, [](Node *node) {
        return !node->moved && isa<nn::LoweringInterface>(node->op);
      });
      if (waited != members.end())
        place(*waited);
      for (Node *node : members)
        if (node->moved && !node->formula)
          place(node);
      for (Node *node : members)
        place(node);
    }
    for (Node *node : updates)
      place(node);
  }

  void place(Node *node) {
    if (std::exchange(node->placed, true))
      return;
    for (Value operand : node->op->getOperands())
      if (Node *def = nodeOf.lookup(operand.getDefiningOp()))
        place(def);
    node->op->moveBefore(block.getTerminator());
  }

  Block &block;
  std::vector<Node> nodes;
  llvm::DenseMap<Operation *, Node *> nodeOf;
};

struct OrderSectionsPass : impl::OrderSectionsBase<OrderSectionsPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr(kEntryAttr))
        Orderer(func.front()).run();
  }
};
} // namespace
} // namespace gradmill
