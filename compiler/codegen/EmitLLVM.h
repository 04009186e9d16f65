// From the LLVM dialect to LLVM IR, assembly and objects.
#pragma once
#include "compiler/codegen/Target.h"
#include "llvm/IR/Module.h"

namespace gradmill {

/// What the artifact's descriptor says.
struct ArtifactInfo {
  std::string manifest;
  llvm::ArrayRef<char> data; // initial values
  /// Of one artifact's variants for several CPUs, the symbols begin with this;
  /// empty for the one that everything starts from.
  std::string variant;
  std::vector<std::string> others; // which variants that one lists
};

/// A function with an innermost loop that keeps vectors in memory for want of
/// registers.
struct Spill {
  std::string function;
  unsigned stores = 0, loads = 0;        // instructions in its worst loop
  std::vector<std::string> kernels = {}; // that the function computes
  bool accepted = false;                 // one of them is known to spill
  unsigned instructions = 0;             // of that loop
};

/// Translates a module whose entry functions are in the LLVM dialect, and adds
/// the artifact's descriptor (runtime/include/gradmill/artifact.h).
llvm::Expected<std::unique_ptr<llvm::Module>>
emitLLVM(mlir::ModuleOp module, llvm::LLVMContext &context,
         llvm::TargetMachine &machine, const Target &target,
         const ArtifactInfo &artifact);

void optimizeLLVM(llvm::Module &module, llvm::TargetMachine &machine);

/// Optimizes the module and generates code for it, in several parts at once.
/// The parts depend on the module alone, not on the number of cores: so do the
/// bytes.
struct ObjectCode {
  std::vector<std::string> objects;
  std::vector<Spill> spills;
};
llvm::Expected<ObjectCode> emitObjects(llvm::Module &module,
                                       const Target &target,
                                       llvm::StringRef variant);

/// Machine code for an optimized module, as assembly text or an object file.
llvm::Expected<std::string> emitMachineCode(llvm::Module &module,
                                            llvm::TargetMachine &machine,
                                            bool assembly);

} // namespace gradmill
