// Makes the type in a buffer's memory space (#nn.stored) its element type.
// Kernels are written for the type of the computation; each load widens and
// each store rounds to nearest, ties to even.
//
// requires: loads and stores of memref and vector; buffers are arguments,
// allocations and views of these. maintains: the computed values; no memory
// space is left.
#include "compiler/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "nn/interfaces/Lowering.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_NARROWSTORAGE
#include "compiler/Passes.h.inc"

namespace {

class StorageNarrower {
public:
  explicit StorageNarrower(func::FuncOp func) : func(func), b(func) {}

  /// Whether there was anything to do.
  bool run() {
    func.walk([&](Block *block) {
      for (BlockArgument argument : block->getArguments())
        narrow(argument);
    });
    func.walk([&](Operation *op) {
      for (OpResult result : op->getResults())
        narrow(result);
    });
    if (stored.empty())
      return false;
    func.setType(FunctionType::get(func.getContext(),
                                   func.front().getArgumentTypes(),
                                   func.getResultTypes()));
    for (Value buffer : stored)
      for (OpOperand &use : llvm::make_early_inc_range(buffer.getUses()))
        convert(use);
    return true;
  }

private:
  void narrow(Value value) {
    auto type = dyn_cast<MemRefType>(value.getType());
    if (!type || !isa_and_nonnull<nn::StoredAttr>(type.getMemorySpace()))
      return;
    value.setType(MemRefType::get(type.getShape(), nn::storedElement(type),
                                  type.getLayout()));
    stored.push_back(value);
  }

  // Loads the stored type, and widens it to the former value.
  void convert(OpOperand &use) {
    llvm::TypeSwitch<Operation *>(use.getOwner())
        .Case<memref::LoadOp, vector::LoadOp>([&](auto load) {
          Value loaded = load.getResult();
          Type wide = loaded.getType();
          loaded.setType(withElement(wide, use.get()));
          b.setInsertionPointAfter(load);
          auto widened = arith::ExtFOp::create(b, load.getLoc(), wide, loaded);
          loaded.replaceAllUsesExcept(widened, widened);
        })
        .Case<memref::StoreOp, vector::StoreOp>([&](auto store) {
          Value value = store->getOperand(0);
          b.setInsertionPoint(store);
          store->setOperand(0, arith::TruncFOp::create(
                                   b, store.getLoc(),
                                   withElement(value.getType(), use.get()),
                                   value));
        });
  }

  static Type withElement(Type wide, Value buffer) {
    Type element = getElementTypeOrSelf(
        cast<MemRefType>(buffer.getType()).getElementType());
    auto vector = dyn_cast<VectorType>(wide);
    return vector ? Type(vector.clone(element)) : element;
  }

  func::FuncOp func;
  OpBuilder b;
  SmallVector<Value> stored;
};

struct NarrowStoragePass : impl::NarrowStorageBase<NarrowStoragePass> {
  void runOnOperation() override {
    bool any = false;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (!func.isExternal())
        any |= StorageNarrower(func).run();
    if (!any)
      return;
    // Few processors can round to bf16. LLVM would call a function for each
    // lane.
    RewritePatternSet patterns(&getContext());
    arith::populateExpandBFloat16Patterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace gradmill
