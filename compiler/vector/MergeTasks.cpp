// Kernels that follow one another on the same groups of images become one
// parallel loop. A task then takes a group through all of them while its data
// is in the cache, instead of each kernel walking over the whole batch. Values
// that stay within a task no longer need memory for the whole batch
// (plan-arena).
//
// Two loops can be merged if both access whatever one writes and the other
// touches at the current group only. A reduction over the batch ends a chain,
// because the readers of its result must wait for all tasks.
//
// At last, loops that update the model and free very much memory move up.
//
// With the option `clock` the code of a merged loop measures each kernel: it
// reads a counter between kernels and adds the difference to the output
// `kernel_clocks`, in the row of its task, which no other task writes.
//
// requires: kernels are scf.forall with nn.blocks, each with one loop marked
// nn.block_loop, as KernelBuilder makes them; distinct buffers do not overlap.
// maintains: the same; in a loop of several kernels each op says which kernel
// it belongs to (nn.of).
#include "compiler/vector/KernelReport.h"
#include "nn/interfaces/Lowering.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_MERGETASKS
#include "compiler/Passes.h.inc"

namespace {

// The buffer of which this is a view. `keepsFirst` is cleared if its first
// dimension is not the buffer's.
Value rootOf(Value memref, bool &keepsFirst) {
  while (auto collapse = memref.getDefiningOp<memref::CollapseShapeOp>()) {
    keepsFirst &= collapse.getReassociationIndices().front().size() == 1;
    memref = collapse.getSrc();
  }
  return memref;
}

// How ops touch one buffer.
struct Touch {
  bool reads = false, writes = false;
  bool atBlock = true; // always at the current group of images
};

// The buffers that a piece of code touches. `known` is false if the code
// contains an op that this pass does not understand.
struct Effects {
  llvm::MapVector<Value, Touch> touches;
  bool known = true;

  void add(Value memref, Value first, bool write, Value block) {
    bool keepsFirst = true;
    Touch &touch = touches[rootOf(memref, keepsFirst)];
    (write ? touch.writes : touch.reads) = true;
    touch.atBlock &= keepsFirst && block && first == block;
  }

  void collect(Operation *top, Value block) {
    top->walk([&](Operation *op) {
      auto first = [](auto indices) {
        return indices.empty() ? Value() : indices.front();
      };
      if (auto load = dyn_cast<memref::LoadOp>(op))
        add(load.getMemRef(), first(load.getIndices()), false, block);
      else if (auto store = dyn_cast<memref::StoreOp>(op))
        add(store.getMemRef(), first(store.getIndices()), true, block);
      else if (auto load = dyn_cast<vector::LoadOp>(op))
        add(load.getBase(), first(load.getIndices()), false, block);
      else if (auto load = dyn_cast<vector::MaskedLoadOp>(op))
        add(load.getBase(), first(load.getIndices()), false, block);
      else if (auto store = dyn_cast<vector::StoreOp>(op))
        add(store.getBase(), first(store.getIndices()), true, block);
      else if (auto copy = dyn_cast<memref::CopyOp>(op)) {
        add(copy.getSource(), {}, false, block);
        add(copy.getTarget(), {}, true, block);
      } else if (!isa<memref::AllocOp, memref::PrefetchOp>(op) &&
                 !isMemoryEffectFree(op) &&
                 !op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
        known = false;
    });
  }

  void merge(const Effects &other) {
    known &= other.known;
    for (auto &[buffer, touch] : other.touches) {
      Touch &mine = touches[buffer];
      mine.reads |= touch.reads;
      mine.writes |= touch.writes;
      mine.atBlock &= touch.atBlock;
    }
  }
};

// Whether the order of two pieces of code matters. With `acrossTasks`, buffers
// that both access at the current group only do not count.
bool conflict(const Effects &a, const Effects &b, bool acrossTasks = false) {
  if (!a.known || !b.known)
    return true;
  // A chain touches more buffers the longer it is; the next kernel touches a
  // few.
  if (a.touches.size() > b.touches.size())
    return conflict(b, a, acrossTasks);
  for (auto &[buffer, x] : a.touches) {
    auto it = b.touches.find(buffer);
    if (it == b.touches.end() || !(x.writes || it->second.writes))
      continue;
    if (!acrossTasks || !x.atBlock || !it->second.atBlock)
      return true;
  }
  return false;
}

// The parts of a kernel's parallel loop.
struct Chain {
  scf::ForallOp forall;
  scf::ForOp loop;
  Effects before, inside, after, all;
  // The start of each kernel's code in the body of a merged loop.
  struct Section {
    int64_t kernel;
    Operation *first;
  };
  SmallVector<Section> sections;

  static std::optional<Chain> of(Operation &op) {
    auto forall = dyn_cast<scf::ForallOp>(op);
    if (!forall || !forall->hasAttr(nn::kBlocksAttr))
      return {};
    Chain chain;
    chain.forall = forall;
    for (Operation &inner : forall.getBody()->without_terminator()) {
      if (inner.hasAttr(nn::kBlockLoopAttr)) {
        if (chain.loop)
          return {};
        chain.loop = cast<scf::ForOp>(inner);
        chain.inside.collect(&inner, chain.loop.getInductionVar());
      } else {
        (chain.loop ? chain.after : chain.before).collect(&inner, {});
      }
    }
    if (!chain.loop)
      return {};
    if (auto kernels = kernelsOf(forall);
        !kernels.empty() && !chain.loop.getBody()->without_terminator().empty())
      chain.sections.push_back(
          {kernels.front(), &chain.loop.getBody()->front()});
    for (const Effects *part : {&chain.before, &chain.inside, &chain.after})
      chain.all.merge(*part);
    return chain;
  }

  // Marks each op with its kernel, before several share a loop.
  void sign() {
    ArrayRef<int64_t> kernels = kernelsOf(forall);
    if (kernels.size() != 1)
      return;
    Builder b(forall.getContext());
    auto of = b.getI64IntegerAttr(kernels.front());
    for (Block *block : {forall.getBody(), loop.getBody()})
      for (Operation &op : block->without_terminator())
        if (&op != loop)
          op.setAttr(kOfAttr, of);
  }

  bool canTake(const Chain &next) const {
    return forall->getAttr(nn::kBlocksAttr) ==
               next.forall->getAttr(nn::kBlocksAttr) &&
           !conflict(all, next.all, /*acrossTasks=*/true) &&
           !conflict(inside, next.before) && !conflict(after, next.inside);
  }

  void take(Chain &next) {
    sign();
    next.sign();
    joinKernels(forall, next.forall);
    Value oldTask = next.forall.getInductionVars().front();
    oldTask.replaceAllUsesWith(forall.getInductionVars().front());
    next.loop.getInductionVar().replaceAllUsesWith(loop.getInductionVar());
    loop.getBody()->getTerminator()->erase();
    loop.getBody()->getOperations().splice(
        loop.getBody()->end(), next.loop.getBody()->getOperations());
    Operation *end = forall.getBody()->getTerminator();
    bool passed = false;
    for (Operation &op : llvm::make_early_inc_range(
             next.forall.getBody()->without_terminator())) {
      if (&op == next.loop)
        passed = true;
      else if (passed)
        op.moveBefore(end);
      else
        op.moveBefore(loop);
    }
    next.forall.erase();
    llvm::append_range(sections, next.sections);
    before.merge(next.before);
    inside.merge(next.inside);
    after.merge(next.after);
    all.merge(next.all);
  }
};

// Adds the clocks of a function's merged loops.
class Clocks {
public:
  Clocks(func::FuncOp func, StringRef counter)
      : func(func), counter(counter),
        i64(IntegerType::get(func.getContext(), 64)) {}

  void add(Chain &chain) {
    if (counter.empty() || chain.sections.size() < 2)
      return;
    if (!clocks)
      makeOutput();
    OpBuilder b(func.getContext());
    Value begin;
    for (auto [i, section] : llvm::enumerate(chain.sections)) {
      b.setInsertionPoint(section.first);
      Value now = read(b, chain);
      if (begin)
        addUp(b, chain, chain.sections[i - 1].kernel, begin, now);
      begin = now;
    }
    b.setInsertionPoint(chain.loop.getBody()->getTerminator());
    addUp(b, chain, chain.sections.back().kernel, begin, read(b, chain));
  }

private:
  // Rows for the largest possible number of tasks.
  void makeOutput() {
    int64_t kernels = reportsOf(func).size();
    int64_t tasks =
        nn::KernelBuilder::taskCount(std::numeric_limits<int64_t>::max());
    Builder b(func.getContext());
    unsigned last = func.getNumArguments();
    (void)func.insertArgument(
        last, MemRefType::get({tasks, kernels}, i64),
        b.getDictionaryAttr(
            {b.getNamedAttr(kNameAttr, b.getStringAttr(kClocksName)),
             b.getNamedAttr(kOutputAttr, b.getUnitAttr())}),
        func.getLoc());
    clocks = func.getArgument(last);
  }

  Value read(OpBuilder &b, Chain &chain) {
    return LLVM::CallIntrinsicOp::create(b, chain.forall.getLoc(), i64,
                                         b.getStringAttr(counter),
                                         ValueRange())
        .getResult(0);
  }

  void addUp(OpBuilder &b, Chain &chain, int64_t kernel, Value begin,
             Value end) {
    Location loc = chain.forall.getLoc();
    SmallVector<Value> place{chain.forall.getInductionVars().front(),
                             arith::ConstantIndexOp::create(b, loc, kernel)};
    Value spent = arith::SubIOp::create(b, loc, end, begin);
    Value sum = memref::LoadOp::create(b, loc, clocks, place);
    memref::StoreOp::create(b, loc, arith::AddIOp::create(b, loc, sum, spent),
                            clocks, place);
  }

  func::FuncOp func;
  StringRef counter;
  Type i64;
  Value clocks; // the output, once there is one
};

class Merger {
public:
  Merger(Block &block, Clocks &clocks) : block(block), clocks(clocks) {}

  void run() {
    std::optional<Chain> open;
    SmallVector<Operation *> between;
    for (Operation &op : llvm::make_early_inc_range(block)) {
      auto next = Chain::of(op);
      if (next && open && open->canTake(*next) &&
          clear(*open, between, *next)) {
        open->take(*next);
      } else if (next) {
        if (open)
          clocks.add(*open);
        open = std::move(next);
        between.clear();
      } else {
        between.push_back(&op);
      }
    }
    if (open)
      clocks.add(*open);
  }

private:
  // Moves the code between two loops out of the way. Code that does not depend
  // on the first loop moves before it. The rest stays after the second loop, if
  // that does not depend on it.
  bool clear(const Chain &first, SmallVectorImpl<Operation *> &between,
             const Chain &second) {
    SmallVector<Operation *> early, late;
    llvm::SmallPtrSet<Operation *, 16> lateOps;
    Effects lateEffects;
    auto usesLate = [&](Operation *op) {
      return op
          ->walk([&](Operation *inner) {
            return llvm::any_of(inner->getOperands(),
                                [&](Value v) {
                                  return lateOps.contains(v.getDefiningOp());
                                })
                       ? WalkResult::interrupt()
                       : WalkResult::advance();
          })
          .wasInterrupted();
    };
    for (Operation *op : between) {
      Effects effects;
      effects.collect(op, {});
      if (usesLate(op) || conflict(effects, first.all) ||
          conflict(effects, lateEffects)) {
        late.push_back(op);
        lateOps.insert(op);
        lateEffects.merge(effects);
      } else {
        early.push_back(op);
      }
    }
    if (conflict(lateEffects, second.all) || usesLate(second.forall))
      return false;
    for (Operation *op : early)
      op->moveBefore(first.forall);
    between.assign(late.begin(), late.end());
    return true;
  }

  Block &block;
  Clocks &clocks;
};

// A loop that updates the model comes last in the graph's order. If it is the
// last to read a very large temporary, a gradient, it moves up to where nothing
// keeps it from running: the arena then uses that memory for the rest of the
// step. Small gradients wait: they take little memory, and processes exchange
// them meanwhile.
void releaseLargeBuffers(Block &block) {
  constexpr int64_t kLargeBytes = 64 << 20;
  for (auto loop : llvm::make_early_inc_range(block.getOps<scf::ForallOp>())) {
    Effects effects;
    effects.collect(loop, {});
    auto releases = [&](Value buffer) {
      auto alloc = buffer.getDefiningOp<memref::AllocOp>();
      return alloc && nn::bufferBytes(alloc.getType()) >= kLargeBytes &&
             llvm::none_of(alloc->getUsers(), [&](Operation *user) {
               return loop->isBeforeInBlock(block.findAncestorOpInBlock(*user));
             });
    };
    bool updates = llvm::all_of(effects.touches, [](auto &entry) {
      return !entry.second.writes || isa<BlockArgument>(entry.first);
    });
    if (!updates || llvm::none_of(effects.touches, [&](auto &entry) {
          return releases(entry.first);
        }))
      continue;
    llvm::SetVector<Value> needed;
    getUsedValuesDefinedAbove(loop.getRegion(), needed);
    SmallVector<Operation *> moved{loop}; // with its views, from the end
    Operation *place = nullptr;
    for (Operation *before = loop->getPrevNode(); before;
         before = before->getPrevNode()) {
      bool defines = llvm::any_of(before->getResults(), [&](Value v) {
        return needed.contains(v);
      });
      if (defines && isMemoryEffectFree(before)) {
        needed.insert_range(before->getOperands());
        moved.push_back(before);
        continue;
      }
      Effects other;
      other.collect(before, {});
      if (defines || conflict(effects, other))
        break;
      place = before;
    }
    if (place)
      for (Operation *op : llvm::reverse(moved))
        op->moveBefore(place);
  }
}

struct MergeTasksPass : impl::MergeTasksBase<MergeTasksPass> {
  using MergeTasksBase::MergeTasksBase;
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (!func->hasAttr(kEntryAttr))
        continue;
      Clocks clocks(func, clock);
      Merger(func.front(), clocks).run();
      releaseLargeBuffers(func.front());
    }
  }
};
} // namespace
} // namespace gradmill
