// From tensors to buffers: every entry function becomes a function over
// memrefs, in which each kernel is a parallel loop over groups of images.
//
// Kernels that differ only in their buffers are lowered once, and copied.
//
// The new signature is the buffer table of the artifact: the inputs, one buffer
// per model tensor, one per result; all distinct.
//
// requires: layouts are assigned; entry functions of one block; the code that
// an op's lowering emits depends only on the op, its types and its buffers.
// maintains: no nn op is left in entry functions; temporaries are memref.alloc
// in the function's top block; parameters are updated in place.
#include "compiler/vector/KernelReport.h"
#include "compiler/vector/LibmCalls.h"
#include "mlir/IR/IRMapping.h"
#include <map>

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_LOWERKERNELS
#include "compiler/Passes.h.inc"

namespace {

// The key of a kernel's code: its ops, with attributes, types and the values
// that they share; which of these lie in the same place; the target. `places`
// receives the buffers in the order of their numbers.
using KernelKey = std::vector<uintptr_t>;
std::optional<KernelKey> keyOf(ArrayRef<Operation *> ops,
                               const DenseMap<Value, Value> &buffers,
                               int64_t registers, nn::Accuracy accuracy,
                               SmallVectorImpl<Value> &places) {
  KernelKey key{uintptr_t(registers), uintptr_t(accuracy)};
  DenseMap<Value, unsigned> values, placeOf;
  auto add = [&](Value v) {
    key.push_back(uintptr_t(v.getType().getAsOpaquePointer()));
    key.push_back(values.try_emplace(v, values.size()).first->second);
    Value buffer = buffers.lookup(v);
    if (!buffer)
      return key.push_back(~uintptr_t(0));
    auto [place, isNew] = placeOf.try_emplace(buffer, places.size());
    if (isNew)
      places.push_back(buffer);
    key.push_back(place->second);
    // It may hold a tensor of another layout.
    key.push_back(uintptr_t(buffer.getType().getAsOpaquePointer()));
  };
  for (Operation *op : ops) {
    if (op->getNumRegions())
      return std::nullopt;
    key.push_back(uintptr_t(op->getName().getAsOpaquePointer()));
    key.push_back(uintptr_t(op->getAttrDictionary().getAsOpaquePointer()));
    key.push_back(op->getNumOperands());
    key.push_back(op->getNumResults());
    llvm::for_each(op->getOperands(), add);
    llvm::for_each(op->getResults(), add);
  }
  return key;
}

// The code of a lowered kernel, for equal ones.
struct EmittedKernel {
  SmallVector<Value> places;
  SmallVector<Operation *> code;
  nn::KernelRemarks remarks;

  // Whether the code reads nothing from outside except `places`.
  bool isWhole() const {
    llvm::SmallPtrSet<Operation *, 16> own(code.begin(), code.end());
    Block *block = code.empty() ? nullptr : code.front()->getBlock();
    auto isOutside = [&](Value v) {
      if (v.getParentBlock() != block)
        return false;
      return !own.contains(v.getDefiningOp()) &&
             !llvm::is_contained(places, v);
    };
    return llvm::none_of(code, [&](Operation *op) {
      return op
          ->walk([&](Operation *nested) {
            return llvm::any_of(nested->getOperands(), isOutside)
                       ? WalkResult::interrupt()
                       : WalkResult::advance();
          })
          .wasInterrupted();
    });
  }
};
using EmittedKernels = std::map<KernelKey, EmittedKernel>;

class FunctionLowering {
public:
  FunctionLowering(func::FuncOp source, const TargetShape &target, bool exact,
                   ArrayRef<RejectedSchedule> rejected, EmittedKernels &emitted,
                   const LayerNames &layers)
      : source(source), emitted(emitted), block(source.front()), builder(source), target(target),
        rejected(rejected), report(layers, target),
        accuracy(exact             ? nn::Accuracy::Exact
                 : isTraining(source) ? nn::Accuracy::Training
                                   : nn::Accuracy::Inference) {}

  LogicalResult run() {
    createFunction();
    for (Operation &op : block)
      if (failed(lower(&op)))
        return failure();
    builder.setInsertionPointToEnd(&lowered.front());
    func::ReturnOp::create(builder, source.getLoc());
    lowered->setAttr(kKernelsAttr, report.kernels(builder));
    source.erase();
    return success();
  }

private:
  // A function that updates the model is a training step. All gradients are
  // equally exact.
  static bool isTraining(func::FuncOp func) {
    return entryOf(func) == "gradients" ||
           !func.front().getOps<nn::AssignOp>().empty();
  }

  void createFunction() {
    SmallVector<Type> types;
    SmallVector<DictionaryAttr> attributes;
    auto add = [&](RankedTensorType tensor, ArrayRef<NamedAttribute> attrs) {
      types.push_back(nn::bufferType(tensor));
      attributes.push_back(builder.getDictionaryAttr(attrs));
    };
    for (BlockArgument arg : block.getArguments())
      add(cast<RankedTensorType>(arg.getType()),
          allArgAttrs(arg.getArgNumber()));
    for (auto parameter : block.getOps<nn::ParameterOp>()) {
      readers[parameter.getName()].push_back(parameter.getValue());
      stateIndex[parameter.getName()] = types.size();
      SmallVector<NamedAttribute> attrs{
          builder.getNamedAttr(kStateAttr, parameter.getNameAttr()),
          builder.getNamedAttr(
              "nn.role", builder.getStringAttr(parameter.roleOrDefault()))};
      if (Attribute init = parameter.getInitAttr())
        attrs.push_back(builder.getNamedAttr("nn.init", init));
      if (Attribute fanIn = parameter.getFanInAttr())
        attrs.push_back(builder.getNamedAttr("nn.fan_in", fanIn));
      add(cast<RankedTensorType>(parameter.getType()), attrs);
    }
    firstOutput = types.size();
    Operation *ret = block.getTerminator();
    for (OpOperand &operand : ret->getOpOperands()) {
      unsigned i = operand.getOperandNumber();
      NamedAttrList attrs(source.getResultAttrDict(i));
      attrs.set(kOutputAttr, builder.getUnitAttr());
      if (!attrs.get(kNameAttr)) // a test's function
        attrs.set(kNameAttr, builder.getStringAttr("output"));
      add(cast<RankedTensorType>(operand.get().getType()), attrs);
    }
    lowered = func::FuncOp::create(builder, source.getLoc(), source.getName(),
                                   builder.getFunctionType(types, {}),
                                   ArrayRef<NamedAttribute>{}, attributes);
    for (StringRef said : {kEntryAttr, kRecomputedAttr, kMemoryExhaustedAttr})
      if (Attribute value = source->getAttr(said))
        lowered->setAttr(said, value);
    Block *entry = lowered.addEntryBlock();
    builder.setInsertionPointToStart(entry);
    for (BlockArgument arg : block.getArguments())
      buffers[arg] = entry->getArgument(arg.getArgNumber());
  }

  SmallVector<NamedAttribute> allArgAttrs(unsigned i) {
    DictionaryAttr attrs = source.getArgAttrDict(i);
    return attrs ? llvm::to_vector(attrs.getValue())
                 : SmallVector<NamedAttribute>();
  }

  Value state(StringRef name) {
    return lowered.getArgument(stateIndex.lookup(name));
  }

  LogicalResult lower(Operation *op) {
    if (auto parameter = dyn_cast<nn::ParameterOp>(op)) {
      buffers[parameter.getValue()] = state(parameter.getName());
      return success();
    }
    if (auto constant = dyn_cast<nn::ConstantOp>(op)) {
      lowerConstant(constant);
      return success();
    }
    if (auto assign = dyn_cast<nn::AssignOp>(op)) {
      copyTo(op->getLoc(), assign.getValue(), state(assign.getName()),
             assign.getName());
      return success();
    }
    if (isa<func::ReturnOp>(op)) {
      for (OpOperand &operand : op->getOpOperands())
        copyTo(op->getLoc(), operand.get(),
               lowered.getArgument(firstOutput + operand.getOperandNumber()),
               "the output");
      return success();
    }
    if (auto fused = dyn_cast<nn::FusedOp>(op))
      return lowerFused(fused);
    for (Value result : op->getResults())
      if (!result.use_empty() || isa<nn::LoweringInterface>(op))
        buffers[result] = bufferFor(result);
    return emit({op});
  }

  LogicalResult emit(ArrayRef<Operation *> ops) {
    nn::KernelRemarks remarks;
    TargetShape machine = target;
    for (Operation *op : ops)
      if (auto registers = op->getAttrOfType<IntegerAttr>(nn::kRegistersAttr))
        machine = target.withRegisters(registers.getInt());
    const RejectedSchedule *before = rejectedBefore();
    if (before)
      machine = target.withRegisters(before->registers);
    if (failed(emitOrCopy(ops, machine, remarks)))
      return failure();
    if (before)
      remarks.notes.push_back(before->why);
    SmallVector<Value> stored;
    for (Operation *op : ops)
      llvm::copy_if(op->getResults(), std::back_inserter(stored),
                    [&](Value v) { return buffers.contains(v); });
    report.add(ops, stored, remarks, machine.registers, lowered.front());
    return success();
  }

  LogicalResult emitOrCopy(ArrayRef<Operation *> ops,
                           const TargetShape &machine,
                           nn::KernelRemarks &remarks) {
    EmittedKernel here;
    auto key = keyOf(ops, buffers, machine.registers, accuracy, here.places);
    if (key)
      if (auto known = emitted.find(*key); known != emitted.end()) {
        IRMapping map;
        map.map(known->second.places, here.places);
        for (Operation *op : known->second.code)
          builder.clone(*op, map);
        remarks = known->second.remarks;
        return success();
      }
    Block &body = lowered.front();
    Operation *last = body.empty() ? nullptr : &body.back();
    if (failed(emitKernel(builder, ops, buffers, machine, accuracy, remarks)))
      return failure();
    for (Operation &op : llvm::make_range(
             last ? std::next(last->getIterator()) : body.begin(), body.end()))
      here.code.push_back(&op);
    if (std::string calls = libmCalls(here.code); !calls.empty())
      remarks.notes.push_back("calls libm for each element: " + calls);
    here.remarks = remarks;
    if (key && here.isWhole())
      emitted[*key] = std::move(here);
    return success();
  }

  // The next kernel's earlier schedule, if it was rejected.
  const RejectedSchedule *rejectedBefore() {
    for (const RejectedSchedule &r : rejected)
      if (r.entry == source.getName() && r.kernel == report.size())
        return &r;
    return nullptr;
  }

  LogicalResult lowerFused(nn::FusedOp fused) {
    Block &body = fused.getBody().front();
    for (auto [inner, outer] :
         llvm::zip(body.getTerminator()->getOperands(), fused.getResults())) {
      Value buffer =
          bufferFor(outer); // two expressions, because the map may grow
      buffers[inner] = buffer;
      buffers[outer] = buffer;
    }
    SmallVector<Operation *> ops;
    for (Operation &op : body.without_terminator())
      ops.push_back(&op);
    return emit(ops);
  }

  // The buffer for a value: the output or parameter that it becomes, if that is
  // safe, otherwise a temporary.
  Value bufferFor(Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    if (nn::layoutOf(type) == nn::Layout::Dense)
      for (OpOperand &use : value.getUses()) {
        if (isa<func::ReturnOp>(use.getOwner()))
          return lowered.getArgument(firstOutput + use.getOperandNumber());
        if (auto assign = dyn_cast<nn::AssignOp>(use.getOwner()))
          if (isLastTouch(value.getDefiningOp(), assign.getName()))
            return state(assign.getName());
      }
    return memref::AllocOp::create(builder, value.getLoc(),
                                   nn::bufferType(type),
                                   builder.getI64IntegerAttr(64));
  }

  // Whether nothing reads the parameter's old value after `op`, and `op` itself
  // reads it element by element, if at all.
  bool isLastTouch(Operation *op, StringRef name) {
    for (Value parameter : readers.lookup(name))
      for (Operation *user : parameter.getUsers()) {
        Operation *top = block.findAncestorOpInBlock(*user);
        if (op->isBeforeInBlock(top))
          return false;
        if (top == op && !(isa<nn::PointwiseInterface>(user) && user == op) &&
            !isa<nn::ChannelReductionInterface>(user))
          return false;
      }
    return true;
  }

  void copyTo(Location loc, Value value, Value destination, StringRef what) {
    Value from = buffers.lookup(value);
    if (from == destination)
      return;
    memref::CopyOp::create(builder, loc, from, destination);
    report.addCopy(what, value.getType(), lowered.front());
  }

  void lowerConstant(nn::ConstantOp op) {
    auto module = source->getParentOfType<ModuleOp>();
    MemRefType type = nn::bufferType(cast<RankedTensorType>(op.getType()));
    OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
    std::string name;
    do
      name = (source.getName() + "_constant_" + llvm::Twine(constants++)).str();
    while (module.lookupSymbol(name));
    memref::GlobalOp::create(top, op.getLoc(), name,
                             top.getStringAttr("private"), type, op.getValue(),
                             /*constant=*/true, top.getI64IntegerAttr(64));
    buffers[op.getOutput()] =
        memref::GetGlobalOp::create(builder, op.getLoc(), type, name);
  }

  func::FuncOp source, lowered;
  EmittedKernels &emitted;
  Block &block;
  OpBuilder builder;
  TargetShape target;
  ArrayRef<RejectedSchedule> rejected;
  KernelReport report;
  nn::Accuracy accuracy;
  DenseMap<Value, Value> buffers;
  llvm::StringMap<unsigned> stateIndex;
  llvm::StringMap<SmallVector<Value, 1>> readers; // of a tensor of the model
  unsigned firstOutput = 0, constants = 0;
};

struct LowerKernelsPass : impl::LowerKernelsBase<LowerKernelsPass> {
  using LowerKernelsBase::LowerKernelsBase;
  LowerKernelsPass(const TargetShape &target, bool exact,
                   const std::vector<RejectedSchedule> &rejected)
      : given(target), rejected(rejected) {
    exactConv = exact;
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    const TargetKind *known = registryOf(&getContext()).findTarget(machine);
    if (!given && !known) {
      module.emitError("[unknown_machine] there is no machine \"")
          << machine << "\"; gradmill plugins lists the targets";
      return signalPassFailure();
    }
    TargetShape target = given ? *given : known->machine;
    if (vectorBytes)
      target.vectorBytes = vectorBytes;
    if (registers)
      target = target.withRegisters(registers);
    auto functions = module.getOps<func::FuncOp>();
    if (!functions.empty() && llvm::none_of(functions, [](func::FuncOp func) {
          return func->hasAttr(kEntryAttr);
        })) {
      // All would be removed below.
      (*functions.begin()).emitError(
          "[no_entry] no function is an entry (nn.entry), so there is nothing to "
          "lower; run --build-inference or --build-training-step first, or "
          "`gradmill compile --emit`");
      return signalPassFailure();
    }
    EmittedKernels emitted;
    LayerNames layers = namesOfLayers(module);
    for (func::FuncOp func :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (func->hasAttr(kEntryAttr) &&
          failed(FunctionLowering(func, target, exactConv, rejected, emitted,
                                  layers)
                     .run()))
        return signalPassFailure();
    // The entries are compiled; the graph's own function is no longer needed.
    for (func::FuncOp func :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (!func->hasAttr(kEntryAttr))
        func.erase();
  }

private:
  std::optional<TargetShape> given; // otherwise from the options
  std::vector<RejectedSchedule> rejected;
};
} // namespace

std::unique_ptr<Pass>
createLowerKernels(const TargetShape &target, bool exactConv,
                   const std::vector<RejectedSchedule> &rejected) {
  return std::make_unique<LowerKernelsPass>(target, exactConv, rejected);
}
} // namespace gradmill
