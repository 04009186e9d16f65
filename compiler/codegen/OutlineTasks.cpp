// Entry functions take the ABI of the artifact: `void entry(void **buffers,
// gm_parallel_fn parallel, void *pool)`; every parallel loop becomes a function
// `void task(void **buffers, int64_t index, void *scratch)` that `parallel`
// runs.
//
// A task needs nothing but the buffer table and its thread's scratch: whatever
// it uses from outside is a constant or a view of these, and is made anew
// inside of it. A loop of one iteration is a call, too: the host can time it.
//
// requires: memref arguments of static shape; parallel loops (scf.forall, one
// dimension) only in the top block of entry functions.
// maintains: entry functions and tasks are llvm.func; no scf.forall is left.
#include "compiler/Passes.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_OUTLINETASKS
#include "compiler/Passes.h.inc"

namespace {

// Makes table entries and what is derived from them inside one function.
class TableScope {
public:
  /// `scratch` is null outside of tasks.
  TableScope(OpBuilder &builder, Value table, Value scratch,
             func::FuncOp source)
      : builder(builder), table(table), scratch(scratch), source(source),
        types(builder.getContext()) {}

  // The value's equal here; null if it is not derived from table and constants.
  Value get(Value value) {
    if (Value known = map.lookupOrNull(value))
      return known;
    if (auto arg = dyn_cast<BlockArgument>(value)) {
      if (arg.getOwner() != &source.front())
        return {};
      Value memref = loadEntry(arg);
      map.map(value, memref);
      return memref;
    }
    Operation *def = value.getDefiningOp();
    if (!isa<arith::ConstantOp, memref::ViewOp, memref::CollapseShapeOp,
             memref::GetGlobalOp>(def))
      return {};
    for (Value operand : def->getOperands())
      if (!get(operand))
        return {};
    builder.clone(*def, map);
    return map.lookup(value);
  }

  IRMapping map;

private:
  Value loadEntry(BlockArgument arg) {
    Location loc = arg.getLoc();
    auto type = cast<MemRefType>(arg.getType());
    Value pointer = scratch;
    if (!source.getArgAttr(arg.getArgNumber(), kScratchAttr)) {
      Type ptr = LLVM::LLVMPointerType::get(builder.getContext());
      Value slot = LLVM::GEPOp::create(
          builder, loc, ptr, ptr, table,
          ArrayRef<LLVM::GEPArg>{int32_t(arg.getArgNumber())});
      pointer = LLVM::LoadOp::create(builder, loc, ptr, slot);
    }
    Value descriptor =
        MemRefDescriptor::fromStaticShape(builder, loc, types, type, pointer);
    return UnrealizedConversionCastOp::create(builder, loc, type, descriptor)
        .getResult(0);
  }

  OpBuilder &builder;
  Value table, scratch;
  func::FuncOp source;
  LLVMTypeConverter types;
};

class Outliner {
public:
  explicit Outliner(func::FuncOp func)
      : func(func), module(func->getParentOfType<ModuleOp>()),
        builder(func.getContext()) {}

  LogicalResult run() {
    MLIRContext *context = builder.getContext();
    Type ptr = LLVM::LLVMPointerType::get(context), i64 = builder.getI64Type();
    Type none = LLVM::LLVMVoidType::get(context);
    taskType = LLVM::LLVMFunctionType::get(none, {ptr, i64, ptr});
    parallelType = LLVM::LLVMFunctionType::get(none, {ptr, ptr, ptr, i64});
    builder.setInsertionPoint(func);
    auto entry = LLVM::LLVMFuncOp::create(
        builder, func.getLoc(), func.getName().str() + "_entry",
        LLVM::LLVMFunctionType::get(none, {ptr, ptr, ptr}));
    entry->setAttr(kEntryAttr, builder.getStringAttr(func.getName()));
    Block *body = entry.addEntryBlock(builder);
    OpBuilder inner = OpBuilder::atBlockEnd(body);
    TableScope scope(inner, body->getArgument(0), Value(), func);
    for (Operation &op : func.front())
      if (failed(move(op, inner, scope, *body)))
        return failure();
    LLVM::ReturnOp::create(inner, func.getLoc(), ValueRange{});
    func.erase();
    return success();
  }

private:
  LogicalResult move(Operation &op, OpBuilder &inner, TableScope &scope,
                     Block &body) {
    if (isa<func::ReturnOp>(op))
      return success();
    if (op.getNumResults() == 1 && op.getNumRegions() == 0 &&
        scope.get(op.getResult(0)))
      return success();
    if (auto forall = dyn_cast<scf::ForallOp>(op))
      return moveParallel(forall, inner, scope, body);
    for (Value outside : outsideValues(op))
      scope.get(outside);
    inner.clone(op, scope.map);
    return success();
  }

  static SmallVector<Value> outsideValues(Operation &op) {
    SmallVector<Value> values;
    op.walk([&](Operation *nested) {
      for (Value operand : nested->getOperands())
        if (!op.isAncestor(operand.getParentRegion()->getParentOp()) ||
            operand.getParentRegion() == op.getParentRegion())
          values.push_back(operand);
    });
    return values;
  }

  LogicalResult moveParallel(scf::ForallOp forall, OpBuilder &inner,
                             TableScope &scope, Block &body) {
    std::optional<int64_t> count;
    if (auto counts = forall.getStaticUpperBound(); counts.size() == 1)
      count = counts.front();
    if (!count || ShapedType::isDynamic(*count))
      return forall.emitError(
          "[parallel_loop] expected one dimension of constant size");
    LLVM::LLVMFuncOp task = makeTask(forall);
    Location loc = forall.getLoc();
    Value address = LLVM::AddressOfOp::create(inner, loc, task);
    Value n = LLVM::ConstantOp::create(inner, loc, inner.getI64Type(), *count);
    LLVM::CallOp::create(inner, loc, parallelType,
                         ValueRange{body.getArgument(1), body.getArgument(2),
                                    address, body.getArgument(0), n});
    return success();
  }

  void cloneBody(scf::ForallOp forall, OpBuilder &inner, TableScope &scope,
                 Value index) {
    scope.map.map(forall.getInductionVars().front(), index);
    for (Operation &op : *forall.getBody()) {
      if (op.hasTrait<OpTrait::IsTerminator>())
        continue;
      op.walk([&](Operation *nested) {
        for (Value operand : nested->getOperands())
          if (!forall->isAncestor(operand.getParentRegion()->getParentOp()))
            scope.get(operand);
      });
      inner.clone(op, scope.map);
    }
  }

  LLVM::LLVMFuncOp makeTask(scf::ForallOp forall) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(func);
    auto task = LLVM::LLVMFuncOp::create(builder, forall.getLoc(),
                                         func.getName().str() + "_task_" +
                                             std::to_string(tasks++),
                                         taskType, LLVM::Linkage::Internal);
    Block *body = task.addEntryBlock(builder);
    OpBuilder inner = OpBuilder::atBlockEnd(body);
    TableScope scope(inner, body->getArgument(0), body->getArgument(2), func);
    Value index = arith::IndexCastOp::create(
        inner, forall.getLoc(), inner.getIndexType(), body->getArgument(1));
    cloneBody(forall, inner, scope, index);
    LLVM::ReturnOp::create(inner, forall.getLoc(), ValueRange{});
    return task;
  }

  func::FuncOp func;
  ModuleOp module;
  OpBuilder builder;
  LLVM::LLVMFunctionType taskType, parallelType;
  unsigned tasks = 0;
};

struct OutlineTasksPass : impl::OutlineTasksBase<OutlineTasksPass> {
  void runOnOperation() override {
    for (func::FuncOp func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (func->hasAttr(kEntryAttr) && failed(Outliner(func).run()))
        return signalPassFailure();
  }
};
} // namespace
} // namespace gradmill
