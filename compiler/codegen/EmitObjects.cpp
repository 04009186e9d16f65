// Machine code in several objects: LLVM works on one module with one thread,
// and most of the time of a compilation is LLVM's. The functions are dealt out
// by size; each part is optimized and compiled in a context of its own.
//
// While the registers are being assigned, LLVM says in remarks what it has to
// keep in memory: that is how a schedule whose tile is too large for the target
// is found.
#include "compiler/Error.h"
#include "compiler/codegen/EmitLLVM.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/CodeGen/MachineDominators.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunction.h"
#include "llvm/CodeGen/MachineLoopInfo.h"
#include "llvm/CodeGen/MachineOptimizationRemarkEmitter.h"
#include "llvm/CodeGen/PseudoSourceValue.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/Support/raw_ostream.h"
#include <atomic>
#include <thread>

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
  // `header` begins a loop in which something was spilled: an address, which
  // costs little, or a vector, which costs as much as the arithmetic.
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
    // What is only loaded does not change in the loop: a constant in memory,
    // as LLVM's own are.
    if (!spill.stores)
      return;
    // The worst of a function's loops; its other loops often are the same one,
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

// Functions become visible to the other parts, and in no other artifact.
void externalize(llvm::Module &module, StringRef variant) {
  std::string prefix =
      ("gradmill." + variant + (variant.empty() ? "" : ".")).str();
  for (llvm::Function &function : module)
    if (!function.isDeclaration() && function.hasLocalLinkage()) {
      function.setName(prefix + function.getName());
      function.setLinkage(llvm::GlobalValue::ExternalLinkage);
      function.setVisibility(llvm::GlobalValue::HiddenVisibility);
    }
}

// The part of each function. Parts of a few thousand instructions are worth a
// thread.
llvm::StringMap<unsigned> deal(llvm::Module &module, unsigned &parts) {
  std::vector<std::pair<unsigned, llvm::Function *>> functions;
  unsigned total = 0;
  for (llvm::Function &function : module)
    if (!function.isDeclaration()) {
      functions.push_back({function.getInstructionCount(), &function});
      total += functions.back().first;
    }
  llvm::sort(functions, [](auto &a, auto &b) {
    return std::pair(b.first, a.second->getName()) <
           std::pair(a.first, b.second->getName());
  });
  parts = std::clamp(total / 2000, 1u, 8u);
  std::vector<unsigned> load(parts);
  llvm::StringMap<unsigned> partOf;
  for (auto &[size, function] : functions) {
    unsigned least = llvm::min_element(load) - load.begin();
    load[least] += size;
    partOf[function->getName()] = least;
  }
  return partOf;
}

llvm::Error compilePart(llvm::MemoryBufferRef bitcode, const Target &target,
                        unsigned part, const llvm::StringMap<unsigned> &partOf,
                        std::string &object, std::vector<Spill> &spills) {
  llvm::LLVMContext context;
  context.setDiagnosticHandler(std::make_unique<SpillHandler>(spills));
  auto module = llvm::getLazyBitcodeModule(bitcode, context);
  if (!module)
    return module.takeError();
  for (llvm::Function &function : **module) {
    auto found = partOf.find(function.getName());
    if (found == partOf.end())
      continue;
    if (found->second == part) {
      if (llvm::Error error = function.materialize())
        return error;
    } else {
      function.deleteBody();
    }
  }
  if (llvm::Error error = (*module)->materializeAll())
    return error;
  if (part != 0) // the descriptor is in the first
    for (llvm::GlobalVariable &global : (*module)->globals())
      if (!global.hasLocalLinkage())
        global.setInitializer(nullptr);
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  optimizeLLVM(**module, **machine);
  auto code = emitMachineCode(**module, **machine, false);
  if (!code)
    return code.takeError();
  object = std::move(*code);
  return llvm::Error::success();
}
} // namespace

llvm::Expected<ObjectCode>
emitObjects(llvm::Module &module, const Target &target, StringRef variant) {
  externalize(module, variant);
  unsigned parts;
  llvm::StringMap<unsigned> partOf = deal(module, parts);
  SmallVector<char> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::WriteBitcodeToFile(module, os);
  llvm::MemoryBufferRef bitcode(StringRef(bytes.data(), bytes.size()), "model");

  ObjectCode code;
  code.objects.resize(parts);
  std::vector<std::vector<Spill>> spills(parts);
  std::vector<std::string> errors(parts);
  std::atomic<unsigned> next = 0;
  auto work = [&] {
    for (unsigned part; (part = next++) < parts;)
      if (llvm::Error error = compilePart(bitcode, target, part, partOf,
                                          code.objects[part], spills[part]))
        errors[part] = llvm::toString(std::move(error));
  };
  std::vector<std::thread> threads;
  for (unsigned t = 1; t < std::min(parts, std::thread::hardware_concurrency());
       ++t)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
  for (const std::string &error : errors)
    if (!error.empty())
      return fail(error);
  for (auto &list : spills)
    llvm::append_range(code.spills, list);
  llvm::sort(code.spills, [](const Spill &a, const Spill &b) {
    return a.function < b.function;
  });
  return code;
}

} // namespace gradmill
