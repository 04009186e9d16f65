// Moves out of inference what depends on the model's tensors alone: packed
// filters, scale and shift of batch norm. For a batch of 128 images this is a
// small part of the work; for one image it is worth doing once. It becomes an
// entry of its own, @prepare, which the runtime calls after the tensors have
// changed. Its results are tensors with the role "prepared", which the host
// keeps between calls.
//
// requires: layouts are assigned. maintains: inference reads nothing that
// @prepare does not write; training steps, and inference with the batch in the
// lanes, are unchanged.
#include "compiler/schedule/Sections.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_SPLITPREPARE
#include "compiler/Passes.h.inc"

namespace {

bool isDense(Value v) { return nn::layoutOf(v.getType()) == nn::Layout::Dense; }

class Splitter {
public:
  Splitter(func::FuncOp infer, func::FuncOp prepare)
      : infer(infer), prepare(prepare) {
    for (auto read : infer.front().getOps<nn::ParameterOp>())
      ofGraph.insert(read.getName());
    for (auto read : prepare.front().getOps<nn::ParameterOp>())
      prepared[read.getName()] = read.getValue();
  }

  void run() {
    for (Operation &op : infer.front())
      if (canMove(&op))
        moved.insert(&op);
    IRMapping map;
    OpBuilder inner(prepare.front().getTerminator());
    for (Operation *op : moved) {
      for (Value operand : op->getOperands())
        if (!map.contains(operand)) // a parameter or a constant
          copySource(operand, map, inner);
      inner.clone(*op, map);
    }
    for (Operation *op : moved)
      for (OpResult result : op->getResults())
        if (llvm::any_of(result.getUsers(),
                         [&](Operation *u) { return !moved.contains(u); }))
          keep(result, map.lookup(result), inner);
    for (Operation *op : llvm::reverse(moved))
      op->erase();
    for (Operation &op : llvm::make_early_inc_range(infer.front()))
      if (isSource(&op) && op.use_empty())
        op.erase();
  }

private:
  bool canMove(Operation *op) {
    if (isSource(op) || !isMemoryEffectFree(op) || op->getNumRegions() ||
        !op->getNumOperands() || op->hasTrait<OpTrait::IsTerminator>())
      return false;
    return llvm::all_of(op->getResults(), isDense) &&
           llvm::all_of(op->getOperands(), [&](Value v) {
             Operation *def = v.getDefiningOp();
             return def && (isSource(def) || moved.contains(def));
           });
  }

  // Reads a parameter once, even if several inferences share @prepare.
  void copySource(Value value, IRMapping &map, OpBuilder &inner) {
    auto read = value.getDefiningOp<nn::ParameterOp>();
    if (!read) {
      inner.clone(*value.getDefiningOp(), map);
      return;
    }
    Value &known = prepared[read.getName()];
    if (!known)
      known = inner.clone(*read)->getResult(0);
    map.map(value, known);
  }

  // Turns `result` of inference into a tensor that @prepare writes.
  void keep(OpResult result, Value computed, OpBuilder &inner) {
    Operation *op = result.getOwner();
    std::string name;
    do
      name = (infer.getName() + "." + op->getName().stripDialect() + "." +
              llvm::Twine(kept++))
                 .str();
    while (ofGraph.contains(name)); // they would be one tensor
    auto read = [&](OpBuilder &b) {
      return nn::ParameterOp::create(b, op->getLoc(), result.getType(),
                                     b.getStringAttr(name),
                                     b.getStringAttr("prepared"), Attribute(),
                                     IntegerAttr());
    };
    OpBuilder outer(op);
    result.replaceUsesWithIf(read(outer), [&](OpOperand &use) {
      return !moved.contains(use.getOwner());
    });
    prepared[name] = read(inner); // makes it an entry of the buffer table
    nn::AssignOp::create(inner, op->getLoc(), name, computed);
  }

  func::FuncOp infer, prepare;
  llvm::StringSet<> ofGraph;         // the tensors that inference reads
  llvm::StringMap<Value> prepared; // those that @prepare reads
  llvm::SetVector<Operation *> moved;
  unsigned kept = 0;
};

struct SplitPreparePass : impl::SplitPrepareBase<SplitPreparePass> {
  void runOnOperation() override {
    func::FuncOp prepare;
    for (func::FuncOp func :
         llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      if (entryOf(func) != "infer" || !inChannels(func))
        continue;
      if (!prepare)
        prepare = create(func);
      Splitter(func, prepare).run();
    }
  }

  static bool inChannels(func::FuncOp func) {
    return llvm::any_of(func.front(), [](Operation &op) {
      return llvm::any_of(op.getResultTypes(), [](Type t) {
        return nn::layoutOf(t) == nn::Layout::Channels;
      });
    });
  }

  static func::FuncOp create(func::FuncOp infer) {
    OpBuilder builder(infer);
    builder.setInsertionPointAfter(infer);
    auto prepare = func::FuncOp::create(builder, infer.getLoc(), "prepare",
                                        builder.getFunctionType({}, {}));
    setEntry(prepare, "prepare");
    builder.setInsertionPointToStart(prepare.addEntryBlock());
    func::ReturnOp::create(builder, infer.getLoc());
    return prepare;
  }
};
} // namespace
} // namespace gradmill
