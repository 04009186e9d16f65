// Places all temporary buffers of an entry function in one arena, at fixed offsets.
//
// A buffer lives from the first to the last op of the function's top block that
// touches it. Largest first, each takes the lowest offset at which it overlaps no
// buffer that lives at the same time. The lower bound reported beside the result is
// the most bytes that live at any one point.
//
// requires: memref.alloc only in the top block of entry functions, static types.
// maintains: argument 0 is the arena, a memref<Bxi8>; no allocation is left.
#include "compiler/Passes.h"
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

int64_t bytesOf(MemRefType type) {
  Type element = type.getElementType();
  int64_t bits = isa<VectorType>(element)
                     ? cast<VectorType>(element).getNumElements() *
                           cast<VectorType>(element).getElementTypeBitWidth()
                     : type.getElementTypeBitWidth();
  return type.getNumElements() * llvm::divideCeil(bits, 8);
}

class ArenaPlanner {
public:
  explicit ArenaPlanner(func::FuncOp func) : func(func), block(func.front()) {}

  void run() {
    unsigned position = 0;
    for (Operation &op : block)
      positions[&op] = position++;
    for (auto alloc : block.getOps<memref::AllocOp>())
      buffers.push_back(measure(alloc));
    place();
    rewrite();
  }

private:
  Buffer measure(memref::AllocOp alloc) {
    Buffer buffer{alloc, int64_t(llvm::alignTo(bytesOf(alloc.getType()), kAlignment)), ~0u, 0};
    SmallVector<Value> views{alloc.getResult()};
    while (!views.empty())
      for (Operation *user : views.pop_back_val().getUsers()) {
        unsigned at = positions.lookup(block.findAncestorOpInBlock(*user));
        buffer.first = std::min(buffer.first, at);
        buffer.last = std::max(buffer.last, at);
        if (isa<memref::CollapseShapeOp>(user))
          views.push_back(user->getResult(0));
      }
    return buffer;
  }

  void place() {
    SmallVector<Buffer *> order;
    for (Buffer &b : buffers)
      if (b.first != ~0u)
        order.push_back(&b);
    llvm::stable_sort(order, [](Buffer *a, Buffer *b) { return a->bytes > b->bytes; });
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
                                      [](Buffer *x, Buffer *y) { return x->offset < y->offset; }),
                    b);
    }
    // Most bytes alive at any point: they only grow where a buffer begins.
    for (Buffer *b : order) {
      int64_t alive = 0;
      for (Buffer *other : order)
        if (other->first <= b->first && b->first <= other->last)
          alive += other->bytes;
      lowerBound = std::max(lowerBound, alive);
    }
  }

  void rewrite() {
    OpBuilder builder(func.getContext());
    auto arenaType = MemRefType::get({std::max(total, kAlignment)}, builder.getI8Type());
    (void)func.insertArgument(0, arenaType,
                              builder.getDictionaryAttr({builder.getNamedAttr(
                                  kArenaAttr, builder.getUnitAttr())}),
                              func.getLoc());
    func->setAttr(kArenaBoundAttr, builder.getI64IntegerAttr(std::max(lowerBound, kAlignment)));
    for (Buffer &b : buffers) {
      if (b.first == ~0u) {
        b.alloc.erase();
        continue;
      }
      builder.setInsertionPoint(b.alloc);
      Value offset = arith::ConstantIndexOp::create(builder, b.alloc.getLoc(), b.offset);
      Value view = memref::ViewOp::create(builder, b.alloc.getLoc(), b.alloc.getType(),
                                          func.getArgument(0), offset, ValueRange{});
      b.alloc.replaceAllUsesWith(view);
      b.alloc.erase();
    }
  }

  func::FuncOp func;
  Block &block;
  DenseMap<Operation *, unsigned> positions;
  std::vector<Buffer> buffers;
  int64_t total = 0, lowerBound = 0;
};

struct PlanArenaPass : impl::PlanArenaBase<PlanArenaPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr(kEntryAttr))
        ArenaPlanner(func).run();
  }
};
} // namespace
} // namespace gradmill
