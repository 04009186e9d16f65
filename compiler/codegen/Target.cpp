#include "compiler/codegen/Target.h"
#include "compiler/Error.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

using namespace mlir;

namespace gradmill {

std::string Target::describe() const {
  return cpu + ", " + std::to_string(shape.vectorBytes * 8) + "-bit vectors";
}

static const llvm::Target *lookup(const std::string &triple, std::string &error) {
  static bool once = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    llvm::InitializeNativeTargetAsmParser();
    return true;
  }();
  (void)once;
  return llvm::TargetRegistry::lookupTarget(llvm::Triple(triple), error);
}

// Vector width and registers that the features promise.
static TargetShape shapeOf(const llvm::Triple &triple, const llvm::MCSubtargetInfo &subtarget) {
  if (!triple.isX86())
    return {16, 32};
  if (subtarget.checkFeatures("+avx512f,+avx512vl,+avx512dq,+avx512bw"))
    return {64, 32};
  if (subtarget.checkFeatures("+avx2,+fma"))
    return {32, 16};
  return {16, 16};
}

llvm::Expected<Target> resolveTarget(StringRef cpu) {
  Target target;
  target.triple = llvm::sys::getDefaultTargetTriple();
  std::string error;
  const llvm::Target *llvmTarget = lookup(target.triple, error);
  if (!llvmTarget)
    return fail("[target] " + error);
  if (cpu == "native") {
    target.cpu = llvm::sys::getHostCPUName().str();
    // The name alone may promise what a virtual machine hides: ask for each feature.
    llvm::SubtargetFeatures features;
    for (auto &feature : llvm::sys::getHostCPUFeatures())
      features.AddFeature(feature.first(), feature.second);
    target.features = features.getString();
  } else {
    target.cpu = llvm::StringSwitch<std::string>(cpu)
                     .Case("avx2", "x86-64-v3")
                     .Case("avx512", "x86-64-v4")
                     .Default(cpu.str());
  }
  llvm::Triple triple(target.triple);
  // Asked first of a subtarget without a CPU: LLVM prints warnings of its own otherwise.
  std::unique_ptr<llvm::MCSubtargetInfo> plain(
      llvmTarget->createMCSubtargetInfo(triple, "", ""));
  if (!plain || !plain->isCPUStringValid(target.cpu))
    return fail("[unknown_cpu] there is no cpu \"" + cpu +
                "\"; use native, x86-64, avx2, avx512, or a name that LLVM knows");
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      llvmTarget->createMCSubtargetInfo(triple, target.cpu, target.features));
  target.shape = shapeOf(triple, *subtarget);
  return target;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(const Target &target) {
  std::string error;
  const llvm::Target *llvmTarget = lookup(target.triple, error);
  if (!llvmTarget)
    return fail("[target] " + error);
  llvm::TargetOptions options;
  std::unique_ptr<llvm::TargetMachine> machine(llvmTarget->createTargetMachine(
      llvm::Triple(target.triple), target.cpu, target.features, options, llvm::Reloc::PIC_,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return fail("[target] LLVM has no code generator for " + target.triple);
  return machine;
}

} // namespace gradmill
