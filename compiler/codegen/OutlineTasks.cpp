// Entry functions take the ABI of the artifact: `void entry(void **buffers,
// gm_parallel_fn parallel, void *pool)`. Every parallel loop becomes a function
// `void task(void **buffers, int64_t index, void *scratch)` that `parallel`
// runs.
//
// A task needs only its buffers and its thread's scratch. Everything that it
// uses from outside is a constant or a view of these, and is made again inside
// of it. It has a table of its own: the buffers that it touches, in the order
// of first use. So tasks that differ in their buffers alone are one function,
// and the entry is a list of calls with constants: for each buffer a position
// in the entry's table and a distance from there (`run_task` makes a table of
// these). A loop of one iteration is a call too, so the host can time it.
//
// A kernel's function takes a pointer for each buffer. If only one task calls a
// kernel and does nothing else, the kernel is that task.
//
// requires: memref arguments of static shape; parallel loops (scf.forall, one
// dimension) only in the top block of entry functions; calls only of kernels.
// maintains: entry functions, tasks and kernels are llvm.func; no scf.forall is
// left.
#include "compiler/vector/KernelReport.h"
#include "compiler/vector/UniqueFunctions.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_OUTLINETASKS
#include "compiler/Passes.h.inc"

namespace {

// Where a buffer begins: a position in the entry's table and the distance from
// there, in one number.
constexpr int kDistanceBits = 40;
struct Place {
  int64_t slot, distance;
  int64_t word() const { return slot << kDistanceBits | distance; }
};

// Makes table entries, and values derived from them, inside one function.
class TableScope {
public:
  /// The function of an entry, which has the whole table.
  TableScope(OpBuilder &builder, Value table, func::FuncOp source)
      : TableScope(builder, table, Value(), source) {}
  /// A task, with a table of its own.
  TableScope(OpBuilder &builder, Value table, Value scratch,
             func::FuncOp source)
      : builder(builder), table(table), scratch(scratch), source(source),
        types(builder.getContext()) {}

  // The value's counterpart here; null if it is not derived from table and
  // constants.
  Value get(Value value) {
    if (Value known = map.lookupOrNull(value))
      return known;
    if (std::optional<Place> place = placeOf(value)) {
      int64_t slot = place->slot;
      if (scratch) {
        slot = places.size();
        places.push_back(*place);
      }
      return define(value, load(value.getLoc(), slot));
    }
    Operation *def = value.getDefiningOp();
    if (!def) // the thread's memory, or another loop's variable
      return scratch && isScratch(value) ? define(value, scratch) : Value();
    if (!isDerivedBy(def))
      return {};
    for (Value operand : def->getOperands())
      if (!get(operand))
        return {};
    builder.clone(*def, map);
    return map.lookup(value);
  }

  // Whether `get` can make it from the function's arguments where it is needed.
  static bool isDerived(Operation *op) {
    return isDerivedBy(op) && llvm::all_of(op->getOperands(), [](Value v) {
             return isa<BlockArgument>(v) || isDerived(v.getDefiningOp());
           });
  }

  IRMapping map;
  SmallVector<Place> places; // of a task's table

private:
  static bool isDerivedBy(Operation *op) {
    return isa<arith::ConstantOp, memref::ViewOp, memref::CollapseShapeOp,
               memref::GetGlobalOp>(op);
  }

  bool isScratch(Value value) {
    auto arg = dyn_cast<BlockArgument>(value);
    return arg && arg.getOwner() == &source.front() &&
           source.getArgAttr(arg.getArgNumber(), kScratchAttr);
  }

  // A buffer of the table; for a task of a part, a buffer of that part.
  std::optional<Place> placeOf(Value value) {
    if (auto arg = dyn_cast<BlockArgument>(value)) {
      if (arg.getOwner() != &source.front() || isScratch(value))
        return {};
      return Place{arg.getArgNumber(), 0};
    }
    auto view = value.getDefiningOp<memref::ViewOp>();
    auto distance =
        view ? getConstantIntValue(view.getByteShift()) : std::nullopt;
    if (!scratch || !distance || !llvm::isUInt<kDistanceBits>(*distance))
      return {};
    auto whole = placeOf(view.getSource());
    if (!whole || whole->distance != 0)
      return {};
    return Place{whole->slot, *distance};
  }

  Value load(Location loc, int64_t slot) {
    Type ptr = LLVM::LLVMPointerType::get(builder.getContext());
    Value at = LLVM::GEPOp::create(builder, loc, ptr, ptr, table,
                                   ArrayRef<LLVM::GEPArg>{int32_t(slot)});
    return LLVM::LoadOp::create(builder, loc, ptr, at);
  }

  Value define(Value value, Value pointer) {
    auto type = cast<MemRefType>(value.getType());
    Value descriptor = MemRefDescriptor::fromStaticShape(
        builder, value.getLoc(), types, type, pointer);
    Value memref = UnrealizedConversionCastOp::create(builder, value.getLoc(),
                                                      type, descriptor)
                       .getResult(0);
    map.map(value, memref);
    return memref;
  }

  OpBuilder &builder;
  Value table, scratch;
  func::FuncOp source;
  LLVMTypeConverter types;
};

// The functions of a module's tasks, and their callers.
class Tasks {
public:
  explicit Tasks(ModuleOp module)
      : module(module), builder(module.getContext()) {
    Type none = LLVM::LLVMVoidType::get(builder.getContext());
    Type ptr = LLVM::LLVMPointerType::get(builder.getContext());
    type = LLVM::LLVMFunctionType::get(none, {ptr, builder.getI64Type(), ptr});
  }

  LLVM::LLVMFuncOp unique(LLVM::LLVMFuncOp candidate) {
    return functions.unique(candidate);
  }

  // Code that runs a task `count` times, with its buffers at `places`.
  void call(OpBuilder &b, Location loc, LLVM::LLVMFuncOp task, int64_t count,
            ArrayRef<Place> places, Block &caller) {
    most = std::max<int64_t>(most, places.size());
    auto address = LLVM::AddressOfOp::create(b, loc, task);
    addresses[task].push_back(address);
    auto number = [&](int64_t value) -> Value {
      return LLVM::ConstantOp::create(b, loc, b.getI64Type(), value);
    };
    SmallVector<int64_t> words = llvm::map_to_vector(
        places, [](const Place &place) { return place.word(); });
    Value list = LLVM::AddressOfOp::create(b, loc, constant(loc, words));
    LLVM::CallOp::create(b, loc, runner(loc),
                         ValueRange{caller.getArgument(0),
                                    caller.getArgument(1),
                                    caller.getArgument(2), address,
                                    number(count), list,
                                    number(places.size())});
  }

  // A kernel that only one task calls becomes that task, under its own name.
  void takeKernels() {
    llvm::MapVector<StringAttr, SmallVector<func::CallOp, 1>> calls;
    for (auto function : module.getOps<LLVM::LLVMFuncOp>())
      function.walk([&](func::CallOp call) {
        calls[call.getCalleeAttr().getAttr()].push_back(call);
      });
    SymbolTable symbols(module);
    for (auto &[name, sites] : calls) {
      auto task = sites.front()->getParentOfType<LLVM::LLVMFuncOp>();
      bool isAll = llvm::none_of(task.getBody().front(), [&](Operation &op) {
        return op.getNumRegions() ||
               (isa<func::CallOp>(op) && &op != sites.front());
      });
      if (sites.size() == 1 && isAll)
        take(task, sites.front(), symbols.lookup<func::FuncOp>(name));
    }
  }

  // The memory for the runner's table, once all tables are known.
  void finish() {
    if (run)
      run.walk([&](LLVM::AllocaOp table) {
        OpBuilder b(table);
        table.getArraySizeMutable().assign(
            Value(LLVM::ConstantOp::create(b, table.getLoc(), b.getI64Type(),
                                           std::max<int64_t>(most, 1))));
      });
  }

  LLVM::LLVMFunctionType type;

private:
  void take(LLVM::LLVMFuncOp task, func::CallOp call, func::FuncOp kernel) {
    Block &body = kernel.front();
    for (auto [argument, operand] :
         llvm::zip_equal(body.getArguments(), call.getOperands()))
      argument.replaceAllUsesWith(operand);
    body.getTerminator()->erase();
    call->getBlock()->getOperations().splice(call->getIterator(),
                                             body.getOperations());
    call.erase();
    StringAttr name = kernel.getNameAttr();
    kernel.erase();
    task.setSymNameAttr(name);
    for (LLVM::AddressOfOp address : addresses[task])
      address.setGlobalNameAttr(FlatSymbolRefAttr::get(name));
  }

  // Equal lists share one.
  LLVM::GlobalOp constant(Location loc, ArrayRef<int64_t> words) {
    auto key = builder.getDenseI64ArrayAttr(words);
    LLVM::GlobalOp &global = lists[key];
    if (global)
      return global;
    auto padded = words.empty() ? ArrayRef<int64_t>{0} : words;
    auto tensor = RankedTensorType::get({int64_t(padded.size())},
                                        builder.getI64Type());
    builder.setInsertionPointToEnd(module.getBody());
    global = LLVM::GlobalOp::create(
        builder, loc,
        LLVM::LLVMArrayType::get(builder.getI64Type(), padded.size()),
        /*isConstant=*/true, LLVM::Linkage::Internal,
        "places_" + std::to_string(lists.size() - 1),
        DenseElementsAttr::get(tensor, padded));
    return global;
  }

  // void run_task(void **buffers, gm_parallel_fn parallel, void *pool, gm_task_fn
  // task, int64_t count, const int64_t *words, int64_t places)
  LLVM::LLVMFuncOp runner(Location loc) {
    if (run)
      return run;
    Type ptr = LLVM::LLVMPointerType::get(builder.getContext()),
         i64 = builder.getI64Type(),
         none = LLVM::LLVMVoidType::get(builder.getContext());
    builder.setInsertionPointToEnd(module.getBody());
    run = LLVM::LLVMFuncOp::create(
        builder, loc, "run_task",
        LLVM::LLVMFunctionType::get(none, {ptr, ptr, ptr, ptr, i64, ptr, i64}),
        LLVM::Linkage::Internal);
    Block *entry = run.addEntryBlock(builder);
    OpBuilder b = OpBuilder::atBlockEnd(entry);
    auto number = [&](int64_t value) -> Value {
      return LLVM::ConstantOp::create(b, loc, i64, value);
    };
    auto at = [&](Type element, Value base, Value index) -> Value {
      return LLVM::GEPOp::create(b, loc, ptr, element, base,
                                 ArrayRef<LLVM::GEPArg>{index});
    };
    Value table = LLVM::AllocaOp::create(b, loc, ptr, ptr, number(1));
    Value zero = number(0);
    Block *head = b.createBlock(&run.getBody(), {}, {i64}, {loc});
    Block *fill = b.createBlock(&run.getBody());
    Block *done = b.createBlock(&run.getBody());
    b.setInsertionPointToEnd(entry);
    LLVM::BrOp::create(b, loc, ValueRange{zero}, head);
    b.setInsertionPointToEnd(head);
    Value i = head->getArgument(0);
    Value more = LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::slt, i,
                                      entry->getArgument(6));
    LLVM::CondBrOp::create(b, loc, more, fill, done);
    b.setInsertionPointToEnd(fill);
    Value word = LLVM::LoadOp::create(b, loc, i64,
                                      at(i64, entry->getArgument(5), i));
    Value slot = LLVM::LShrOp::create(b, loc, word, number(kDistanceBits));
    Value distance = LLVM::AndOp::create(
        b, loc, word, number((int64_t(1) << kDistanceBits) - 1));
    Value base = LLVM::LoadOp::create(b, loc, ptr,
                                      at(ptr, entry->getArgument(0), slot));
    LLVM::StoreOp::create(b, loc, at(b.getI8Type(), base, distance),
                          at(ptr, table, i));
    LLVM::BrOp::create(
        b, loc, ValueRange{LLVM::AddOp::create(b, loc, i, number(1))}, head);
    b.setInsertionPointToEnd(done);
    LLVM::CallOp::create(
        b, loc, LLVM::LLVMFunctionType::get(none, {ptr, ptr, ptr, i64}),
        ValueRange{entry->getArgument(1), entry->getArgument(2),
                   entry->getArgument(3), table, entry->getArgument(4)});
    LLVM::ReturnOp::create(b, loc, ValueRange{});
    return run;
  }

  ModuleOp module;
  OpBuilder builder;
  UniqueFunctions functions;
  DenseMap<Operation *, SmallVector<LLVM::AddressOfOp, 1>> addresses;
  DenseMap<Attribute, LLVM::GlobalOp> lists;
  LLVM::LLVMFuncOp run;
  int64_t most = 0;
};

// The calls of an entry, in functions of bounded length: LLVM's time grows
// faster than linearly with a block's length.
constexpr int64_t kCalls = 64;

class Outliner {
public:
  Outliner(func::FuncOp func, Tasks &tasks)
      : func(func), tasks(tasks), builder(func.getContext()),
        inner(func.getContext()) {
    Type ptr = LLVM::LLVMPointerType::get(builder.getContext());
    entryType = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(builder.getContext()), {ptr, ptr, ptr});
  }

  LogicalResult run() {
    auto entry = begin(func.getName().str() + "_entry", LLVM::Linkage::External);
    entry->setAttr(kEntryAttr, builder.getStringAttr(func.getName()));
    int64_t loops = llvm::range_size(func.front().getOps<scf::ForallOp>());
    bool isLong = loops > kCalls;
    for (Operation &op : func.front()) {
      if (isLong && isa<scf::ForallOp>(op) && calls % kCalls == 0 && !hasOwn)
        beginPart(entry);
      if (failed(move(op)))
        return failure();
    }
    LLVM::ReturnOp::create(inner, func.getLoc(), ValueRange{});
    if (body->getParentOp() != entry.getOperation())
      LLVM::ReturnOp::create(outer, func.getLoc(), ValueRange{});
    func.erase();
    return success();
  }

private:
  LLVM::LLVMFuncOp begin(std::string name, LLVM::Linkage linkage) {
    builder.setInsertionPoint(func);
    auto function =
        LLVM::LLVMFuncOp::create(builder, func.getLoc(), name, entryType);
    function.setLinkage(linkage);
    body = function.addEntryBlock(builder);
    inner.setInsertionPointToEnd(body);
    scope.emplace(inner, body->getArgument(0), func);
    return function;
  }

  void beginPart(LLVM::LLVMFuncOp entry) {
    if (body->getParentOp() != entry.getOperation())
      LLVM::ReturnOp::create(inner, func.getLoc(), ValueRange{});
    else
      outer.setInsertionPointToEnd(body);
    LLVM::LLVMFuncOp part =
        begin(func.getName().str() + "_part_" + std::to_string(calls / kCalls),
              LLVM::Linkage::Internal);
    LLVM::CallOp::create(outer, func.getLoc(), part,
                         entry.getBody().getArguments());
  }

  LogicalResult move(Operation &op) {
    if (isa<func::ReturnOp>(op) || TableScope::isDerived(&op))
      return success();
    if (auto forall = dyn_cast<scf::ForallOp>(op))
      return moveParallel(forall);
    for (Value outside : outsideValues(op))
      scope->get(outside);
    inner.clone(op, scope->map);
    hasOwn |= op.getNumResults() != 0;
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

  LogicalResult moveParallel(scf::ForallOp forall) {
    std::optional<int64_t> count;
    if (auto counts = forall.getStaticUpperBound(); counts.size() == 1)
      count = counts.front();
    if (!count || ShapedType::isDynamic(*count))
      return forall.emitError(
          "[parallel_loop] expected one dimension of constant size");
    SmallVector<Place> places;
    LLVM::LLVMFuncOp task = makeTask(forall, places);
    tasks.call(inner, forall.getLoc(), task, *count, places, *body);
    ++calls;
    return success();
  }

  void cloneBody(scf::ForallOp forall, OpBuilder &into, TableScope &task,
                 Value index) {
    task.map.map(forall.getInductionVars().front(), index);
    for (Operation &op : *forall.getBody()) {
      if (op.hasTrait<OpTrait::IsTerminator>())
        continue;
      op.walk([&](Operation *nested) {
        nested->removeAttr(kOfAttr); // equal tasks stand for different kernels
        for (Value operand : nested->getOperands())
          if (!forall->isAncestor(operand.getParentRegion()->getParentOp()))
            task.get(operand);
      });
      into.clone(op, task.map);
    }
  }

  LLVM::LLVMFuncOp makeTask(scf::ForallOp forall, SmallVector<Place> &places) {
    builder.setInsertionPoint(func);
    auto task = LLVM::LLVMFuncOp::create(builder, forall.getLoc(),
                                         func.getName().str() + "_task_" +
                                             std::to_string(calls),
                                         tasks.type, LLVM::Linkage::Internal);
    Block *block = task.addEntryBlock(builder);
    OpBuilder into = OpBuilder::atBlockEnd(block);
    TableScope table(into, block->getArgument(0), block->getArgument(2), func);
    Value index = arith::IndexCastOp::create(
        into, forall.getLoc(), into.getIndexType(), block->getArgument(1));
    cloneBody(forall, into, table, index);
    LLVM::ReturnOp::create(into, forall.getLoc(), ValueRange{});
    places = std::move(table.places);
    return tasks.unique(task);
  }

  func::FuncOp func;
  Tasks &tasks;
  OpBuilder builder, inner;             // of functions; of the entry's code
  OpBuilder outer{func.getContext()};   // of the entry, which calls its parts
  Block *body = nullptr;
  std::optional<TableScope> scope;
  LLVM::LLVMFunctionType entryType;
  int64_t calls = 0;
  bool hasOwn = false; // values that a part could not make again
};

// Kernels and their calls, once all tasks are functions.
class KernelCalls {
public:
  explicit KernelCalls(ModuleOp module)
      : module(module), builder(module.getContext()),
        types(module.getContext()) {}

  void run() {
    for (auto kernel :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (kernel->hasAttr(kKernelAttr))
        convert(kernel);
    for (auto function : module.getOps<LLVM::LLVMFuncOp>())
      function.walk([&](func::CallOp call) { convert(call); });
  }

private:
  Type typeOf(Type type) {
    return isa<MemRefType>(type)
               ? LLVM::LLVMPointerType::get(type.getContext())
               : types.convertType(type);
  }

  void convert(func::FuncOp kernel) {
    auto inputs = llvm::map_to_vector(kernel.getArgumentTypes(),
                                      [&](Type type) { return typeOf(type); });
    builder.setInsertionPoint(kernel);
    auto function = LLVM::LLVMFuncOp::create(
        builder, kernel.getLoc(), kernel.getName(),
        LLVM::LLVMFunctionType::get(
            LLVM::LLVMVoidType::get(builder.getContext()), inputs),
        LLVM::Linkage::Internal);
    function.getBody().takeBody(kernel.getBody());
    Block &body = function.getBody().front();
    builder.setInsertionPointToStart(&body);
    for (BlockArgument arg : body.getArguments()) {
      Type type = arg.getType();
      arg.setType(inputs[arg.getArgNumber()]);
      if (arg.getType() == type)
        continue;
      auto uses = llvm::map_to_vector(arg.getUses(),
                                      [](OpOperand &use) { return &use; });
      Value given = arg;
      if (auto memref = dyn_cast<MemRefType>(type))
        given = MemRefDescriptor::fromStaticShape(builder, arg.getLoc(), types,
                                                  memref, arg);
      Value inside = cast(given, type);
      for (OpOperand *use : uses)
        use->set(inside);
    }
    Operation *end = body.getTerminator();
    builder.setInsertionPoint(end);
    LLVM::ReturnOp::create(builder, end->getLoc(), ValueRange{});
    end->erase();
    kernel.erase();
  }

  void convert(func::CallOp call) {
    builder.setInsertionPoint(call);
    auto operands = llvm::map_to_vector(call.getOperands(), [&](Value v) {
      if (!isa<MemRefType>(v.getType()))
        return cast(v, typeOf(v.getType()));
      Value descriptor = cast(v, types.convertType(v.getType()));
      return Value(LLVM::ExtractValueOp::create(
          builder, call.getLoc(), typeOf(v.getType()), descriptor, 1));
    });
    LLVM::CallOp::create(builder, call.getLoc(), TypeRange(), call.getCallee(),
                         operands);
    call.erase();
  }

  Value cast(Value v, Type type) {
    if (v.getType() == type)
      return v;
    if (v.getType().isIndex() || type.isIndex())
      return arith::IndexCastOp::create(builder, v.getLoc(), type, v);
    return UnrealizedConversionCastOp::create(builder, v.getLoc(), type, v)
        .getResult(0);
  }

  ModuleOp module;
  OpBuilder builder;
  LLVMTypeConverter types;
};

struct OutlineTasksPass : impl::OutlineTasksBase<OutlineTasksPass> {
  void runOnOperation() override {
    Tasks tasks(getOperation());
    for (func::FuncOp func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (func->hasAttr(kEntryAttr) && failed(Outliner(func, tasks).run()))
        return signalPassFailure();
    tasks.takeKernels();
    tasks.finish();
    KernelCalls(getOperation()).run();
  }
};
} // namespace
} // namespace gradmill
