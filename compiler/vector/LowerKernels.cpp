// From tensors to buffers: every entry function becomes one over memrefs, in
// which each kernel is a parallel loop over groups of images.
//
// The new signature is the buffer table of the artifact: the inputs, one buffer
// per model tensor, one per result; all distinct.
//
// requires: layouts are assigned; entry functions of one block.
// maintains: no nn op is left in entry functions; temporaries are memref.alloc
// in the function's top block; parameters are updated in place.
#include "compiler/vector/KernelReport.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_LOWERKERNELS
#include "compiler/Passes.h.inc"

namespace {

class FunctionLowering {
public:
  FunctionLowering(func::FuncOp source, const TargetShape &target, bool exact,
                   ArrayRef<RejectedSchedule> rejected)
      : source(source), block(source.front()), builder(source), target(target),
        rejected(rejected), report(source, target),
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
  // A function that updates the model is a training step, and gradients are as
  // exact in one as in the other.
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
    if (failed(emitKernel(builder, ops, buffers, machine, accuracy, remarks)))
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

  // What the next kernel's schedule was, if it has been rejected.
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
          bufferFor(outer); // not in one expression: the map may grow
      buffers[inner] = buffer;
      buffers[outer] = buffer;
    }
    SmallVector<Operation *> ops;
    for (Operation &op : body.without_terminator())
      ops.push_back(&op);
    return emit(ops);
  }

  // Where a value is stored: directly in the output or parameter that it
  // becomes, if that is safe, else in a temporary.
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

  // Whether the parameter's old value is not read after `op`, and `op` itself
  // reads it element by element, if at all.
  bool isLastTouch(Operation *op, StringRef name) {
    for (auto parameter : block.getOps<nn::ParameterOp>()) {
      if (parameter.getName() != name)
        continue;
      for (Operation *user : parameter.getValue().getUsers()) {
        Operation *top = block.findAncestorOpInBlock(*user);
        if (op->isBeforeInBlock(top))
          return false;
        if (top == op && !(isa<nn::PointwiseInterface>(user) && user == op) &&
            !isa<nn::ChannelReductionInterface>(user))
          return false;
      }
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
  Block &block;
  OpBuilder builder;
  TargetShape target;
  ArrayRef<RejectedSchedule> rejected;
  KernelReport report;
  nn::Accuracy accuracy;
  DenseMap<Value, Value> buffers;
  llvm::StringMap<unsigned> stateIndex;
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
    const nn::Machine *known = nn::findMachine(machine);
    if (!given && !known) {
      module.emitError("there is no machine \"") << machine << "\"";
      return signalPassFailure();
    }
    TargetShape target = given ? *given : *known;
    if (vectorBytes)
      target.vectorBytes = vectorBytes;
    if (registers)
      target = target.withRegisters(registers);
    for (func::FuncOp func :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (func->hasAttr(kEntryAttr) &&
          failed(FunctionLowering(func, target, exactConv, rejected).run()))
        return signalPassFailure();
    // What was compiled is the entries; the graph's own function has done its
    // work.
    for (func::FuncOp func :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (!func->hasAttr(kEntryAttr))
        func.erase();
  }

private:
  std::optional<TargetShape> given; // else by the options
  std::vector<RejectedSchedule> rejected;
};
} // namespace

std::unique_ptr<Pass>
createLowerKernels(const TargetShape &target, bool exactConv,
                   const std::vector<RejectedSchedule> &rejected) {
  return std::make_unique<LowerKernelsPass>(target, exactConv, rejected);
}
} // namespace gradmill
