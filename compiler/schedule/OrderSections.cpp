// Puts branches beside one another. In the order of the graph, the second
// branch of a residual block starts after the first one and its norms'
// barriers. So values that both read go through memory twice, and each branch
// has barriers of its own. An op may run in any section between those of its
// operands and those of its users. This pass chooses one.
//
// Each op starts in the earliest section. It moves to a later one if that saves
// bytes between sections: a filter's gradient reads its input where a neighbour
// has it in the cache, and a cotangent is made where it is added. Formulas have
// no section of their own. They are computed where they are first needed, or
// again (rematerialize).
//
// Ops that only update the model's tensors stay last.
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

// The state of an op in the search.
struct Node {
  explicit Node(Operation *op) : op(op) {}
  Operation *op;
  unsigned section = 0, last = 0; // its section, and the latest possible one
  bool update = false;            // only the model's tensors depend on it
  bool formula = false;           // can be computed anywhere
  bool moved = false;             // from its earliest section
  bool placed = false;
  SmallVector<Node *> users;
  SmallVector<Value> leaves; // its operands in memory, see Traffic
};

// The bytes that go through memory from section to section: a value that one
// section makes and another reads counts once for each reading section and once
// for the store. Updated reader by reader: adding up all of them for every
// candidate took time quadratic in the net's depth.
class Traffic {
public:
  // `home`: the section that makes the value; none if no op here makes it.
  void add(Value v, unsigned section, std::optional<unsigned> home) {
    Uses &uses = read[v];
    uses.home = home;
    if (uses.sections[section]++ == 0)
      bytes += cost(v, uses, section);
  }
  void remove(Value v, unsigned section) {
    Uses &uses = read[v];
    auto it = uses.sections.find(section);
    if (--it->second > 0)
      return;
    uses.sections.erase(it);
    bytes -= cost(v, uses, section);
  }
  // Moves the value's definition to another section.
  void move(Value v, unsigned home) {
    auto it = read.find(v);
    if (it == read.end() || !it->second.home)
      return;
    Uses &uses = it->second;
    bytes -= cost(v, uses);
    uses.home = home;
    bytes += cost(v, uses);
  }
  // The sections that read one of `values`, in order.
  llvm::SmallSetVector<unsigned, 8> readersOf(ArrayRef<Value> values) const {
    SmallVector<unsigned> sections;
    for (Value v : values)
      if (auto it = read.find(v); it != read.end())
        for (auto [section, count] : it->second.sections)
          sections.push_back(section);
    llvm::sort(sections);
    return llvm::SmallSetVector<unsigned, 8>(sections.begin(), sections.end());
  }
  int64_t total() const { return bytes; }

private:
  struct Uses {
    std::optional<unsigned> home;
    std::map<unsigned, unsigned> sections; // readers in each section
  };
  // The bytes of all sections.
  static int64_t cost(Value v, const Uses &uses) {
    int64_t away = llvm::count_if(uses.sections, [&](auto &entry) {
      return uses.home != entry.first;
    });
    return (away + (away && uses.home)) * bytesOf(v);
  }
  // The bytes for one section: that of the last reader added, or of one to be
  // removed.
  static int64_t cost(Value v, const Uses &uses, unsigned section) {
    if (uses.home == section)
      return 0;
    bool isOnly = llvm::none_of(uses.sections, [&](auto &entry) {
      return entry.first != section && uses.home != entry.first;
    });
    return (1 + (isOnly && uses.home)) * bytesOf(v);
  }

  llvm::DenseMap<Value, Uses> read;
  int64_t bytes = 0;
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
    for (Node &node : nodes)
      addReads(node);
    // From the end, so that the readers of an op are placed before it.
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

  // Tries the sections of the op's users, and of the other readers of its
  // operands.
  void delay(Node &node) {
    llvm::SmallSetVector<unsigned, 8> candidates;
    for (Node *user : node.users)
      candidates.insert(user->section);
    Leaves read;
    for (Value operand : node.op->getOperands())
      addLeaves(operand, node.section, read);
    candidates.insert_range(traffic.readersOf(read.getArrayRef()));
    unsigned first = node.section, best = first;
    SmallVector<Node *> readers = readersThatSee(node);
    int64_t least = traffic.total();
    for (unsigned section : candidates) {
      if (section <= first || section > node.last)
        continue;
      moveTo(node, section, readers);
      if (int64_t bytes = traffic.total(); bytes < least) {
        least = bytes;
        best = section;
      }
    }
    moveTo(node, best, readers);
    node.moved = best != first;
  }

  void moveTo(Node &node, unsigned section, ArrayRef<Node *> readers) {
    if (node.section == section)
      return;
    for (Node *reader : readers)
      removeReads(*reader);
    node.section = section;
    for (Value result : node.op->getResults())
      traffic.move(result, section);
    for (Node *reader : readers)
      addReads(*reader);
  }

  // The nodes whose leaves depend on the section of `node`: the node itself,
  // and the readers of formulas of its results or of its operands, which it
  // keeps alive.
  SmallVector<Node *> readersThatSee(Node &node) {
    llvm::SmallSetVector<Node *, 8> readers, formulas;
    auto follow = [&](Operation *user, bool direct) {
      Node *next = nodeOf.lookup(user);
      if (next && next->formula)
        formulas.insert(next);
      else if (next && !direct)
        readers.insert(next);
    };
    readers.insert(&node);
    for (Value v : llvm::concat<Value>(SmallVector<Value>(node.op->getOperands()),
                                       SmallVector<Value>(node.op->getResults())))
      if (isLarge(v) && !isSource(v.getDefiningOp()))
        for (Operation *user : v.getUsers())
          follow(user, /*direct=*/true);
    for (size_t i = 0, end = formulas.size(), depth = 0;
         i < formulas.size() && depth <= size_t(kMaxChain);) {
      for (Node *user : formulas[i]->users)
        follow(user->op, /*direct=*/false);
      if (++i == end) {
        end = formulas.size();
        ++depth;
      }
    }
    return readers.takeVector();
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

  // Whether a value is read in `section` or later, without counting formulas
  // that are computed again.
  bool isAliveAt(Value v, unsigned section) const {
    if (isa<BlockArgument>(v) || isSource(v.getDefiningOp()))
      return true;
    return nodeOf.lookup(v.getDefiningOp())->section == section ||
           llvm::any_of(v.getUsers(), [&](Operation *user) {
             Node *node = nodeOf.lookup(user);
             return !node || node->section >= section;
           });
  }

  // What a section must read for `v`: `v` itself, or, if it is a formula of
  // values that are there in any case, those. False if neither is possible.
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
      leaves.insert(v); // keeping it costs less
    else
      leaves.insert_range(sources);
  }

  // The operands that a node reads in its section. Formulas are read where they
  // are computed, updates of the model at the end.
  void addReads(Node &node) {
    if (node.formula || node.update)
      return;
    Leaves leaves;
    for (Value operand : node.op->getOperands())
      addLeaves(operand, node.section, leaves);
    for (Value v : leaves) {
      Node *def = nodeOf.lookup(v.getDefiningOp());
      traffic.add(v, node.section,
                  def ? std::optional(def->section) : std::nullopt);
    }
    node.leaves = leaves.takeVector();
  }

  void removeReads(Node &node) {
    for (Value v : node.leaves)
      traffic.remove(v, node.section);
    node.leaves.clear();
  }

  // Ops that came from an earlier section follow the first kernel that had to
  // wait; otherwise merge-tasks would take them back. The other kernels come
  // after them, so that a sum of both is computed with the convolution that was
  // here before, which is mostly the larger one.
  void reorder() {
    std::map<unsigned, SmallVector<Node *>> sections;
    SmallVector<Node *> updates;
    // The model's tensors stay in the graph's order, in every entry, because
    // the draw of their initial values depends on their number.
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
  Traffic traffic;
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
