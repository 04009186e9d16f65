// A buffer of the whole batch that only one parallel loop touches, and there
// only at the current group of images or at the current task, holds nothing but
// what is passed on within a task. It shrinks to what one thread needs, which
// stays in its cache. A large buffer of a single group of images stays as it
// is: no cache holds it, it would be as large as before, and the arena uses its
// place again, which each thread's own memory does not.
//
// requires: kernels as merge-tasks has them.
// maintains: a memref.alloc inside of a parallel loop is memory of the
// executing thread.
#include "compiler/Passes.h"
#include "nn/interfaces/Lowering.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_PRIVATIZEBUFFERS
#include "compiler/Passes.h.inc"

namespace {

// More than a core's own cache holds beside other values.
constexpr int64_t kLargeBytes = 1 << 20;

class Privatizer {
public:
  explicit Privatizer(memref::AllocOp alloc) : alloc(alloc) {}

  void run() {
    MemRefType type = alloc.getType();
    if (type.getRank() == 0 ||
        (type.getDimSize(0) == 1 && nn::bufferBytes(type) >= kLargeBytes) ||
        !collect(alloc.getResult()) || !index)
      return;
    OpBuilder builder(alloc.getContext());
    // Per block: fresh for each group of images. Per task: for all groups of a
    // task.
    builder.setInsertionPointToStart(index.getOwner());
    auto shape = llvm::to_vector(type.getShape());
    shape.front() = 1;
    auto narrow = memref::AllocOp::create(
        builder, alloc.getLoc(),
        MemRefType(MemRefType::Builder(type).setShape(shape)),
        alloc.getAlignmentAttr());
    Value zero = arith::ConstantIndexOp::create(builder, alloc.getLoc(), 0);
    llvm::DenseMap<Value, Value> replacement{
        {alloc.getResult(), narrow.getResult()}};
    for (memref::CollapseShapeOp view : views)
      replacement[view.getResult()] = memref::CollapseShapeOp::create(
          builder, view.getLoc(), replacement.lookup(view.getSrc()),
          view.getReassociationIndices());
    for (auto [memref, first] : accesses) {
      memref->set(replacement.lookup(memref->get()));
      first->set(zero);
    }
    for (memref::CollapseShapeOp view : llvm::reverse(views))
      view.erase();
    alloc.erase();
  }

private:
  // All accesses of a buffer and its views, if each of them is at one block
  // argument.
  bool collect(Value memref) {
    for (Operation *user : memref.getUsers()) {
      if (auto view = dyn_cast<memref::CollapseShapeOp>(user)) {
        if (view.getReassociationIndices().front().size() != 1)
          return false;
        views.push_back(view);
        if (!collect(view.getResult()))
          return false;
        continue;
      }
      OpOperand *first = firstIndex(user);
      auto at = first ? dyn_cast<BlockArgument>(first->get()) : BlockArgument();
      if (!at || !isPrivateIndex(at) || (index && index != at))
        return false;
      index = at;
      for (OpOperand &operand : user->getOpOperands())
        if (operand.get() == memref)
          accesses.push_back({&operand, first});
    }
    return true;
  }

  // Where a load or store gives its place along the first dimension.
  static OpOperand *firstIndex(Operation *op) {
    auto first = [](MutableOperandRange indices) {
      return indices.empty() ? nullptr : &indices[0];
    };
    return llvm::TypeSwitch<Operation *, OpOperand *>(op)
        .Case<memref::LoadOp, memref::StoreOp, memref::PrefetchOp,
              vector::LoadOp, vector::StoreOp, vector::MaskedLoadOp>(
            [&](auto access) { return first(access.getIndicesMutable()); })
        .Default([](Operation *) { return nullptr; });
  }

  static bool isPrivateIndex(BlockArgument at) {
    Operation *loop = at.getOwner()->getParentOp();
    if (loop->hasAttr(nn::kBlockLoopAttr))
      return at == cast<scf::ForOp>(loop).getInductionVar();
    return isa<scf::ForallOp>(loop);
  }

  memref::AllocOp alloc;
  BlockArgument index;
  SmallVector<memref::CollapseShapeOp> views;
  SmallVector<std::pair<OpOperand *, OpOperand *>>
      accesses; // buffer, first index
};

struct PrivatizeBuffersPass : impl::PrivatizeBuffersBase<PrivatizeBuffersPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr(kEntryAttr))
        for (auto alloc :
             llvm::make_early_inc_range(func.front().getOps<memref::AllocOp>()))
          Privatizer(alloc).run();
  }
};
} // namespace
} // namespace gradmill
