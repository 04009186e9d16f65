// A kernel's code becomes a function of the buffers that it touches, and a
// parallel loop a list of calls. Kernels with equal code that differ only in
// their buffers become one function. So everything later (MLIR's conversions,
// LLVM, the instruction cache) sees each kernel once, and no function grows
// with the depth of a net.
//
// In a merged loop each kernel's part of the loop's body is a function, called
// for each group of images. Its parts before and after the loop are functions
// too, called for each task. A loop of one kernel is one function. Code without
// a loop (a copy, an address) stays where it is: a call would be as long.
//
// A function takes its operands from outside as arguments, in the order of
// first use. It makes constants and views of buffers itself, so that equal
// kernels look equal. A buffer of the executing thread belongs to the caller.
//
// requires: entry functions as privatize-buffers leaves them; in a parallel
// loop of several kernels each op says which kernel it belongs to (nn.of).
// maintains: a parallel loop calls functions with nn.kernel; memory that does
// not outlive a kernel is in the caller's block; a call says which kernel it
// belongs to (nn.of).
#include "compiler/vector/KernelReport.h"
#include "compiler/vector/UniqueFunctions.h"
#include "mlir/IR/IRMapping.h"
#include "nn/interfaces/Lowering.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "compiler/Passes.h.inc"

namespace {

// The kernel functions of a module.
class Kernels {
public:
  explicit Kernels(ModuleOp module) : symbols(module) {}

  func::FuncOp unique(func::FuncOp candidate) {
    func::FuncOp kept = functions.unique(candidate);
    if (kept == candidate)
      symbols.insert(kept); // renames it if the name is taken
    return kept;
  }

private:
  SymbolTable symbols;
  UniqueFunctions functions;
};

// Values that a function makes itself: constants, and views of a buffer.
bool isMadeInside(Operation *op) {
  return op && isa<arith::ConstantOp, memref::CollapseShapeOp>(op);
}

// Consecutive ops of one kernel that become a call.
class Run {
public:
  Run(SmallVector<Operation *> ops, int64_t kernel)
      : ops(std::move(ops)), kernel(kernel) {}

  void outline(func::FuncOp entry, Kernels &kernels) {
    if (llvm::none_of(ops, [](Operation *op) { return op->getNumRegions(); }) ||
        !keepOutsideWhatIsUsedThere())
      return;
    OpBuilder builder(ops.back());
    moveBuffersOut();
    collectOutside();
    auto arguments = llvm::to_vector(
        llvm::make_filter_range(outside, [](Value v) {
          return !isMadeInside(v.getDefiningOp());
        }));
    builder.setInsertionPointAfter(ops.back());
    Location loc = ops.front()->getLoc();
    func::FuncOp function = kernels.unique(makeFunction(entry, arguments));
    auto call = func::CallOp::create(builder, loc, function, arguments);
    if (kernel >= 0)
      call->setAttr(kOfAttr, builder.getI64IntegerAttr(kernel));
  }

private:
  // Arithmetic whose result is also used elsewhere, such as the number of a
  // task's first group, stays before the call. False if any other value is used
  // outside.
  bool keepOutsideWhatIsUsedThere() {
    llvm::SmallPtrSet<Operation *, 16> members(ops.begin(), ops.end()), kept;
    Block *block = ops.front()->getBlock();
    for (Operation *op : llvm::reverse(ops)) {
      bool isUsed = llvm::any_of(op->getUsers(), [&](Operation *user) {
        Operation *top = block->findAncestorOpInBlock(*user);
        return !members.contains(top) || kept.contains(top);
      });
      if (!isUsed)
        continue;
      if (op->getNumRegions() || !isMemoryEffectFree(op))
        return false;
      kept.insert(op);
    }
    auto inside = [&](Operation *op) { return !kept.contains(op); };
    // Kept ops read only results of kept ops.
    for (Operation *op : kept)
      for (Value operand : op->getOperands())
        if (Operation *def = operand.getDefiningOp();
            def && members.contains(def) && inside(def))
          return false;
    auto first = llvm::find_if(ops, inside);
    if (first == ops.end())
      return false;
    for (Operation *op : llvm::make_range(first, ops.end()))
      if (kept.contains(op))
        op->moveBefore(*first);
    llvm::erase_if(ops, [&](Operation *op) { return kept.contains(op); });
    return true;
  }

  void moveBuffersOut() {
    SmallVector<Operation *> buffers;
    for (Operation *op : ops)
      op->walk([&](memref::AllocOp alloc) { buffers.push_back(alloc); });
    llvm::erase_if(ops, llvm::IsaPred<memref::AllocOp>);
    for (Operation *buffer : buffers)
      buffer->moveBefore(ops.front());
  }

  // All values from outside; a value comes after those that it is derived from.
  void collectOutside() {
    llvm::SmallPtrSet<Operation *, 16> members(ops.begin(), ops.end());
    Block *block = ops.front()->getBlock();
    auto isInside = [&](Value v) {
      Operation *top = v.getParentBlock() == block
                           ? v.getDefiningOp()
                           : block->findAncestorOpInBlock(
                                 *v.getParentBlock()->getParentOp());
      return top && members.contains(top);
    };
    auto add = [&](auto &&add, Value v) -> void {
      if (outside.contains(v))
        return;
      if (Operation *def = v.getDefiningOp(); isMadeInside(def))
        for (Value operand : def->getOperands())
          add(add, operand);
      outside.insert(v);
    };
    for (Operation *op : ops)
      op->walk<WalkOrder::PreOrder>([&](Operation *nested) {
        for (Value operand : nested->getOperands())
          if (!isInside(operand))
            add(add, operand);
      });
  }

  func::FuncOp makeFunction(func::FuncOp entry, ArrayRef<Value> arguments) {
    auto builder = OpBuilder::atBlockEnd(entry->getBlock());
    Location loc = ops.front()->getLoc();
    auto function = func::FuncOp::create(
        builder, loc, nameOf(entry),
        builder.getFunctionType(TypeRange(ValueRange(arguments)), {}));
    function.setPrivate();
    function->setAttr(kKernelAttr, builder.getUnitAttr());
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToEnd(body);
    IRMapping inside;
    inside.map(ValueRange(arguments), body->getArguments());
    for (Value v : outside)
      if (Operation *def = v.getDefiningOp(); isMadeInside(def))
        builder.clone(*def, inside);
    for (Operation *op : ops) {
      op->remove();
      op->removeAttr(kOfAttr);
      body->push_back(op);
      op->walk([&](Operation *nested) {
        for (OpOperand &operand : nested->getOpOperands())
          if (Value here = inside.lookupOrNull(operand.get()))
            operand.set(here);
      });
    }
    builder.setInsertionPointToEnd(body);
    func::ReturnOp::create(builder, loc);
    return function;
  }

  // "kernel_conv2d": equal code serves several layers.
  std::string nameOf(func::FuncOp entry) const {
    auto reports = entry->getAttrOfType<ArrayAttr>(kKernelsAttr);
    if (!reports || kernel < 0 || kernel >= int64_t(reports.size()))
      return "kernel";
    auto report = cast<nn::KernelReportAttr>(reports[kernel]);
    StringRef op = report.getAnchor();
    if (ArrayAttr ops = report.getOps(); op.empty() && ops)
      op = cast<StringAttr>(ops[0]);
    return op.empty() ? "kernel" : "kernel_" + op.rsplit('.').second.str();
  }

  SmallVector<Operation *> ops;
  int64_t kernel;
  llvm::SetVector<Value> outside;
};

class LoopOutliner {
public:
  LoopOutliner(func::FuncOp entry, Kernels &kernels)
      : entry(entry), kernels(kernels) {}

  void outline(scf::ForallOp forall) {
    ArrayRef<int64_t> of = kernelsOf(forall);
    runs.clear();
    if (of.size() > 1) {
      collect(*forall.getBody());
    } else {
      SmallVector<Operation *> all;
      for (Operation &op : forall.getBody()->without_terminator())
        all.push_back(&op);
      if (!all.empty())
        runs.emplace_back(std::move(all), of.empty() ? -1 : of.front());
    }
    for (Run &run : runs)
      run.outline(entry, kernels);
  }

private:
  // The ops of each kernel, and those in the loop over groups of images.
  void collect(Block &block) {
    SmallVector<Operation *> ops;
    std::optional<int64_t> kernel;
    auto finish = [&] {
      if (!ops.empty())
        runs.emplace_back(std::move(ops), *kernel);
      ops.clear();
    };
    for (Operation &op : block.without_terminator()) {
      auto mark = op.getAttrOfType<IntegerAttr>(kOfAttr);
      if (!mark || !kernel || mark.getInt() != *kernel)
        finish();
      if (op.hasAttr(nn::kBlockLoopAttr))
        collect(op.getRegion(0).front());
      if (mark) {
        kernel = mark.getInt();
        ops.push_back(&op);
      }
    }
    finish();
  }

  func::FuncOp entry;
  Kernels &kernels;
  std::vector<Run> runs;
};

struct OutlineKernelsPass : impl::OutlineKernelsBase<OutlineKernelsPass> {
  void runOnOperation() override {
    Kernels kernels(getOperation());
    auto entries = llvm::to_vector(llvm::make_filter_range(
        getOperation().getOps<func::FuncOp>(),
        [](func::FuncOp f) { return f->hasAttr(kEntryAttr); }));
    for (func::FuncOp entry : entries)
      for (auto forall : entry.front().getOps<scf::ForallOp>())
        LoopOutliner(entry, kernels).outline(forall);
  }
};
} // namespace
} // namespace gradmill
