// Places all temporary buffers of an entry function in one arena, at fixed
// offsets, and those of its parallel loops in the scratch memory of the
// executing thread.
//
// A buffer lives from the first to the last op of the function's top block that
// touches it; inside of a parallel loop, from the first to the last op of the
// loop. Placement goes by size, largest first. Each buffer takes the lowest
// offset at which it overlaps no buffer that lives at the same time. The lower
// bound in the report is the most bytes that live at any one point.
//
// requires: memref.alloc of static type, in the top block of entry functions or
// inside of a parallel loop: at its top, or at the top of its loop over groups
// of images. maintains: argument 0 is the arena, a memref<Bxi8>, and the last
// one, if any, the scratch of a thread; no allocation is left.
#include "compiler/Passes.h"
#include "compiler/vector/ShareTasks.h"
#include "nn/interfaces/Lowering.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_PLANARENA
#include "compiler/Passes.h.inc"

namespace {
constexpr int64_t kAlignment = 64;

struct Buffer {
  memref::AllocOp alloc;
  int64_t bytes;
  unsigned first, last; // positions in the top block
  int64_t offset = 0;
};

// Offsets for the buffers of one region of code, whose ops are numbered in
// order.
class Planner {
public:
  explicit Planner(Block &block) {
    number(block);
    for (auto alloc : block.getOps<memref::AllocOp>())
      buffers.push_back(measure(alloc));
  }

  /// A parallel loop: its ops and those of the loop over groups inside, as one
  /// sequence.
  explicit Planner(scf::ForallOp forall) : Planner(*forall.getBody()) {
    for (auto loop : forall.getBody()->getOps<scf::ForOp>())
      for (auto alloc : loop.getBody()->getOps<memref::AllocOp>())
        buffers.push_back(measure(alloc));
  }

  void place() {
    SmallVector<Buffer *> order;
    for (Buffer &b : buffers)
      if (b.first != ~0u)
        order.push_back(&b);
    llvm::stable_sort(order,
                      [](Buffer *a, Buffer *b) { return a->bytes > b->bytes; });
    SmallVector<Buffer *> placed; // sorted by offset
    for (Buffer *b : order) {
      int64_t offset = 0;
      for (Buffer *other : placed)
        if (other->first <= b->last && b->first <= other->last &&
            offset < other->offset + other->bytes) {
          if (offset + b->bytes <= other->offset)
            break;
          offset = other->offset + other->bytes;
        }
      b->offset = offset;
      total = std::max(total, offset + b->bytes);
      placed.insert(llvm::upper_bound(placed, b,
                                      [](Buffer *x, Buffer *y) {
                                        return x->offset < y->offset;
                                      }),
                    b);
    }
    // The most bytes alive at any point. The number rises only where a buffer
    // begins.
    for (Buffer *b : order) {
      int64_t alive = 0;
      for (Buffer *other : order)
        if (other->first <= b->first && b->first <= other->last)
          alive += other->bytes;
      lowerBound = std::max(lowerBound, alive);
    }
  }

  void rewrite(Value memory) {
    for (Buffer &b : buffers) {
      if (b.first != ~0u) {
        OpBuilder builder(b.alloc);
        Value offset =
            arith::ConstantIndexOp::create(builder, b.alloc.getLoc(), b.offset);
        Value view =
            memref::ViewOp::create(builder, b.alloc.getLoc(), b.alloc.getType(),
                                   memory, offset, ValueRange{});
        if (Attribute number = b.alloc->getAttr(kExchangedAttr))
          view.getDefiningOp()->setAttr(kExchangedAttr, number);
        b.alloc.replaceAllUsesWith(view);
      }
      b.alloc.erase();
    }
  }

  int64_t total = 0, lowerBound = 0;

private:
  // Ops of a loop over groups are numbered one by one: the loop runs once per
  // group.
  void number(Block &block) {
    for (Operation &op : block) {
      unsigned begin = count++;
      if (op.hasAttr(nn::kBlockLoopAttr))
        number(op.getRegion(0).front());
      spans[&op] = {begin, count - 1};
    }
  }

  Buffer measure(memref::AllocOp alloc) {
    Buffer buffer{
        alloc,
        int64_t(llvm::alignTo(nn::bufferBytes(alloc.getType()), kAlignment)),
        ~0u, 0};
    SmallVector<Value> views{alloc.getResult()};
    while (!views.empty())
      for (Operation *user : views.pop_back_val().getUsers()) {
        auto [begin, end] =
            spans.lookup(alloc->getBlock()->findAncestorOpInBlock(*user));
        buffer.first = std::min(buffer.first, begin);
        buffer.last = std::max(buffer.last, end);
        if (isa<memref::CollapseShapeOp>(user))
          views.push_back(user->getResult(0));
      }
    return buffer;
  }

  DenseMap<Operation *, std::pair<unsigned, unsigned>> spans;
  unsigned count = 0;
  std::vector<Buffer> buffers;
};

void planScratch(func::FuncOp func) {
  std::vector<Planner> planners;
  int64_t bytes = 0;
  for (auto forall : func.front().getOps<scf::ForallOp>()) {
    planners.emplace_back(forall).place();
    bytes = std::max(bytes, planners.back().total);
  }
  if (!bytes)
    return;
  Builder b(func.getContext());
  unsigned last = func.getNumArguments();
  (void)func.insertArgument(
      last, MemRefType::get({bytes}, b.getI8Type()),
      b.getDictionaryAttr({b.getNamedAttr(kScratchAttr, b.getUnitAttr())}),
      func.getLoc());
  for (Planner &planner : planners)
    planner.rewrite(func.getArgument(last));
}

void planArena(func::FuncOp func) {
  Planner planner(func.front());
  planner.place();
  Builder b(func.getContext());
  (void)func.insertArgument(
      0, MemRefType::get({std::max(planner.total, kAlignment)}, b.getI8Type()),
      b.getDictionaryAttr({b.getNamedAttr(kArenaAttr, b.getUnitAttr())}),
      func.getLoc());
  func->setAttr(kArenaBoundAttr,
                b.getI64IntegerAttr(std::max(planner.lowerBound, kAlignment)));
  planner.rewrite(func.getArgument(0));
}

struct PlanArenaPass : impl::PlanArenaBase<PlanArenaPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr(kEntryAttr)) {
        planScratch(func);
        planArena(func);
      }
  }
};
} // namespace
} // namespace gradmill
