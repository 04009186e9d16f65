// A buffer of the whole batch that only one parallel loop touches, and there only at
// the current group of images or at the current task, holds nothing but what is passed
// on within a task. It shrinks to what one thread needs, which stays in its cache.
//
// requires: kernels as merge-tasks has them.
// maintains: a memref.alloc inside of a parallel loop is memory of the executing thread.
#include "compiler/Passes.h"
#include "nn/interfaces/Lowering.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_PRIVATIZEBUFFERS
#include "compiler/Passes.h.inc"

namespace {

class Privatizer {
public:
  explicit Privatizer(memref::AllocOp alloc) : alloc(alloc) {}

  void run() {
    if (alloc.getType().getRank() == 0 || !collect(alloc.getResult()) || !index)
      return;
    OpBuilder builder(alloc.getContext());
    // Per block: anew for each group of images. Per task: for all groups of a task.
    builder.setInsertionPointToStart(index.getOwner());
    auto shape = llvm::to_vector(alloc.getType().getShape());
    shape.front() = 1;
    auto narrow = memref::AllocOp::create(
        builder, alloc.getLoc(), MemRefType::get(shape, alloc.getType().getElementType()),
        alloc.getAlignmentAttr());
    Value zero = arith::ConstantIndexOp::create(builder, alloc.getLoc(), 0);
    llvm::DenseMap<Value, Value> replacement{{alloc.getResult(), narrow.getResult()}};
    for (memref::CollapseShapeOp view : views)
      replacement[view.getResult()] = memref::CollapseShapeOp::create(
          builder, view.getLoc(), replacement.lookup(view.getSrc()),
          view.getReassociationIndices());
    for (Operation *op : accesses) {
      if (auto load = dyn_cast<memref::LoadOp>(op)) {
        load.getIndicesMutable()[0].set(zero);
        load.getMemrefMutable().set(replacement.lookup(load.getMemRef()));
      } else {
        auto store = cast<memref::StoreOp>(op);
        store.getIndicesMutable()[0].set(zero);
        store.getMemrefMutable().set(replacement.lookup(store.getMemRef()));
      }
    }
    for (memref::CollapseShapeOp view : llvm::reverse(views))
      view.erase();
    alloc.erase();
  }

private:
  // All accesses of a buffer and its views, if each is at one block argument.
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
      auto load = dyn_cast<memref::LoadOp>(user);
      auto store = dyn_cast<memref::StoreOp>(user);
      if (!load && !(store && store.getMemRef() == memref))
        return false;
      auto at = dyn_cast<BlockArgument>(load ? load.getIndices().front()
                                             : store.getIndices().front());
      if (!at || !isPrivateIndex(at) || (index && index != at))
        return false;
      index = at;
      accesses.push_back(user);
    }
    return true;
  }

  static bool isPrivateIndex(BlockArgument at) {
    Operation *loop = at.getOwner()->getParentOp();
    if (loop->hasAttr(nn::kBlockLoopAttr))
      return at == cast<scf::ForOp>(loop).getInductionVar();
    return isa<scf::ForallOp>(loop) && loop->hasAttr(nn::kBlocksAttr);
  }

  memref::AllocOp alloc;
  BlockArgument index;
  SmallVector<memref::CollapseShapeOp> views;
  SmallVector<Operation *> accesses;
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
