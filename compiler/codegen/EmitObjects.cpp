// Machine code in several objects. LLVM works on one module with one thread,
// and most of the compile time is LLVM's. The functions are dealt out by size;
// each part is translated, optimized and compiled in a context of its own.
//
// While LLVM assigns registers, it reports in remarks what it has to keep in
// memory. So a schedule whose tile is too large for the target is found.
#include "compiler/Error.h"
#include "compiler/Passes.h"
#include "compiler/codegen/EmitLLVM.h"
#include "compiler/vector/UniqueFunctions.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/CodeGen/MachineDominators.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunction.h"
#include "llvm/CodeGen/MachineLoopInfo.h"
#include "llvm/CodeGen/MachineOptimizationRemarkEmitter.h"
#include "llvm/CodeGen/PseudoSourceValue.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/thread.h"
#include <atomic>
#include <thread> // hardware_concurrency

using namespace mlir;

namespace gradmill {
namespace {

//===-- Spills ------------------------------------------------------------===//

class SpillHandler : public llvm::DiagnosticHandler {
public:
  explicit SpillHandler(std::vector<Spill> &spills) : spills(spills) {}
  bool isAnyRemarkEnabled() const override { return true; }
  bool isMissedOptRemarkEnabled(StringRef pass) const override {
    return pass == "regalloc";
  }
  bool isAnalysisRemarkEnabled(StringRef) const override { return false; }
  bool isPassedOptRemarkEnabled(StringRef) const override { return false; }

  bool handleDiagnostics(const llvm::DiagnosticInfo &diagnostic) override {
    if (diagnostic.getKind() == llvm::DK_MachineOptimizationRemarkMissed) {
      auto &remark =
          static_cast<const llvm::DiagnosticInfoMIROptimization &>(diagnostic);
      if (remark.getRemarkName() == "LoopSpillReloadCopies" &&
          remark.getBlock())
        count(*remark.getBlock());
      return true;
    }
    return diagnostic.getSeverity() == llvm::DS_Remark;
  }

private:
  // `header` begins a loop that spills: an address, which costs little, or a
  // vector, which costs as much as the arithmetic.
  void count(const llvm::MachineBasicBlock &header) {
    auto &function = const_cast<llvm::MachineFunction &>(*header.getParent());
    llvm::MachineDominatorTree dominators(function);
    llvm::MachineLoopInfo loops(dominators);
    const llvm::MachineLoop *loop = loops.getLoopFor(&header);
    if (!loop || !loop->isInnermost() || loop->getHeader() != &header)
      return;
    Spill spill{function.getName().str()};
    for (const llvm::MachineBasicBlock *block : loop->blocks())
      for (const llvm::MachineInstr &instruction : *block) {
        ++spill.instructions;
        for (const llvm::MachineMemOperand *memory : instruction.memoperands())
          if (isVectorSlot(*memory, function))
            ++(memory->isStore() ? spill.stores : spill.loads);
      }
    // A value that is only loaded does not change in the loop: it is a constant
    // in memory, like LLVM's own.
    if (!spill.stores)
      return;
    // The worst of a function's loops. Its other loops are often the same one,
    // clipped.
    auto known = llvm::find_if(
        spills, [&](Spill &s) { return s.function == spill.function; });
    if (known == spills.end())
      spills.push_back(spill);
    else if (known->stores + known->loads < spill.stores + spill.loads)
      *known = spill;
  }

  static bool isVectorSlot(const llvm::MachineMemOperand &memory,
                           const llvm::MachineFunction &function) {
    auto *slot = dyn_cast_or_null<llvm::FixedStackPseudoSourceValue>(
        memory.getPseudoValue());
    return slot &&
           function.getFrameInfo().isSpillSlotObjectIndex(
               slot->getFrameIndex()) &&
           memory.getSize().hasValue() && memory.getSize().getValue() >= 16;
  }

  std::vector<Spill> &spills;
};

//===-- Parts -------------------------------------------------------------===//

using Functions = std::vector<LLVM::LLVMFuncOp>;

// The functions of each part. A part needs a few thousand operations to be
// worth a thread. The entries only call functions of the other parts. They are
// in the first part, with the descriptor.
std::vector<Functions> deal(ModuleOp module) {
  Functions entries;
  std::vector<std::pair<unsigned, LLVM::LLVMFuncOp>> tasks;
  unsigned total = 0, ofEntries = 0;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    if (function.isExternal())
      continue;
    unsigned size = 0;
    function.walk([&](Operation *) { ++size; });
    total += size;
    if (function->hasAttr(kEntryAttr)) {
      entries.push_back(function);
      ofEntries += size;
    } else {
      tasks.push_back({size, function});
    }
  }
  llvm::sort(tasks, [](auto &a, auto &b) {
    return std::pair(b.first, a.second.getName()) <
           std::pair(a.first, b.second.getName());
  });
  std::vector<Functions> parts(std::clamp(total / 2000, 1u, 64u));
  std::vector<unsigned> load(parts.size());
  parts[0] = std::move(entries);
  load[0] = ofEntries;
  for (auto &[size, task] : tasks) {
    unsigned least = llvm::min_element(load) - load.begin();
    load[least] += size;
    parts[least].push_back(task);
  }
  return parts;
}

// Moves the functions into a module of their own, with the symbols that they
// use: functions as declarations, data as copies, because it is constant.
OwningOpRef<ModuleOp> takeOut(ModuleOp source, const Functions &functions,
                              const SymbolTable &symbols) {
  OwningOpRef<ModuleOp> part = ModuleOp::create(source.getLoc());
  (*part)->setDiscardableAttrs(source->getDiscardableAttrDictionary());
  llvm::SetVector<StringAttr> named;
  for (LLVM::LLVMFuncOp function : functions)
    if (auto uses = SymbolTable::getSymbolUses(function))
      for (const SymbolTable::SymbolUse &use : *uses)
        named.insert(use.getSymbolRef().getRootReference());
  for (LLVM::LLVMFuncOp function : functions) {
    named.remove(function.getSymNameAttr());
    function->remove();
    part->push_back(function);
  }
  OpBuilder builder = OpBuilder::atBlockBegin(part->getBody());
  for (StringAttr name : named) {
    Operation *symbol = symbols.lookup(name);
    if (auto function = dyn_cast_or_null<LLVM::LLVMFuncOp>(symbol)) {
      auto declaration = cast<LLVM::LLVMFuncOp>(
          builder.insert(function->cloneWithoutRegions()));
      declaration.setLinkage(LLVM::Linkage::External);
    } else if (symbol) {
      builder.clone(*symbol);
    }
  }
  return part;
}

// A hash of the function's contents and of the data that it uses.
uint64_t fingerprint(LLVM::LLVMFuncOp function, const SymbolTable &symbols) {
  llvm::hash_code hash = llvm::hash_combine(hashOfCode(function.getBody()),
                                            function.getFunctionType());
  function.walk([&](LLVM::AddressOfOp address) {
    if (auto data =
            symbols.lookup<LLVM::GlobalOp>(address.getGlobalNameAttr().getAttr()))
      hash = llvm::hash_combine(hash, data.getValueAttr());
  });
  return hash;
}

// The parts of an earlier compilation whose functions are all functions of this
// one; these move to `done`. Never the first part, which holds the manifest.
std::vector<ObjectPart> takeKept(ModuleOp done, ObjectCode before,
                                 const SymbolTable &symbols) {
  std::vector<ObjectPart> kept;
  for (ObjectPart &part : llvm::drop_begin(before.parts, !before.parts.empty())) {
    Functions same;
    for (auto &[name, number] : part.functions)
      if (auto function = symbols.lookup<LLVM::LLVMFuncOp>(name);
          function && fingerprint(function, symbols) == number)
        same.push_back(function);
    if (same.size() != part.functions.size())
      continue;
    for (LLVM::LLVMFuncOp function : same) {
      function->remove();
      done.push_back(function);
    }
    kept.push_back(std::move(part));
  }
  return kept;
}

// Our functions become visible to the other parts, but in no other artifact.
void share(llvm::Module &module, const llvm::StringSet<> &ours,
           const ArtifactInfo &artifact) {
  std::string prefix = artifact.symbol + ".";
  if (!artifact.variant.empty())
    prefix += artifact.variant + ".";
  for (llvm::Function &function : module)
    if (ours.contains(function.getName())) {
      function.setName(prefix + function.getName());
      function.setLinkage(llvm::GlobalValue::ExternalLinkage);
      function.setVisibility(llvm::GlobalValue::HiddenVisibility);
      function.setDSOLocal(true);
    }
}

// `entries`: for the part that has them; null for the others.
llvm::Error compilePart(OwningOpRef<ModuleOp> source, const Target &target,
                        const ArtifactInfo &artifact, const EntryNames *entries,
                        const llvm::StringSet<> &ours, TimingScope &timing,
                        std::string &object, std::vector<Spill> &spills) {
  llvm::LLVMContext context;
  context.setDiagnosticHandler(std::make_unique<SpillHandler>(spills));
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  TimingScope scope = timing.nest("translate to LLVM IR");
  auto module = translate(*source, context, **machine, target);
  if (!module)
    return module.takeError();
  source = nullptr; // on this thread, too
  if (entries)
    addDescriptor(**module, *entries, artifact);
  share(**module, ours, artifact);
  scope = timing.nest("optimize LLVM IR");
  optimizeLLVM(**module, **machine);
  scope = timing.nest("generate machine code");
  auto code = emitMachineCode(**module, **machine, false);
  if (!code)
    return code.takeError();
  object = std::move(*code);
  return llvm::Error::success();
}
} // namespace

llvm::Expected<ObjectCode> emitObjects(ModuleOp source, const Target &target,
                                       const ArtifactInfo &artifact,
                                       TimingScope &timing, ObjectCode before) {
  EntryNames entries = entryNames(source);
  llvm::StringSet<> ours;
  for (auto function : source.getOps<LLVM::LLVMFuncOp>())
    if (!function.isExternal())
      ours.insert(function.getName());
  SymbolTable symbols(source);
  ObjectCode code;
  OwningOpRef<ModuleOp> done = ModuleOp::create(source.getLoc());
  std::vector<ObjectPart> kept = takeKept(*done, std::move(before), symbols);
  std::vector<OwningOpRef<ModuleOp>> parts;
  for (const Functions &functions : deal(source)) {
    ObjectPart &part = code.parts.emplace_back();
    for (LLVM::LLVMFuncOp function : functions)
      part.functions.push_back(
          {function.getName().str(), fingerprint(function, symbols)});
    parts.push_back(takeOut(source, functions, symbols));
  }

  std::vector<std::string> errors(parts.size());
  std::atomic<unsigned> next = 0;
  auto work = [&] {
    for (unsigned part; (part = next++) < parts.size();)
      if (llvm::Error error =
              compilePart(std::move(parts[part]), target, artifact,
                          part == 0 ? &entries : nullptr, ours, timing,
                          code.parts[part].object, code.parts[part].spills))
        errors[part] = llvm::toString(std::move(error));
  };
  // If no thread can be started, LLVM reports it. std::thread would throw, and
  // nothing here could catch that.
  std::vector<llvm::thread> threads;
  for (unsigned t = 1;
       t <
       std::min<unsigned>(parts.size(), std::thread::hardware_concurrency());
       ++t)
    threads.emplace_back(work);
  work();
  for (llvm::thread &thread : threads)
    thread.join();
  for (const std::string &error : errors)
    if (!error.empty())
      return fail(error);
  llvm::move(kept, std::back_inserter(code.parts));
  for (const ObjectPart &part : code.parts)
    llvm::append_range(code.spills, part.spills);
  llvm::sort(code.spills, [](const Spill &a, const Spill &b) {
    return a.function < b.function;
  });
  return code;
}

} // namespace gradmill
