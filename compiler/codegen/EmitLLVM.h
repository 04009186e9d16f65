// From the LLVM dialect to LLVM IR, assembly and objects.
#pragma once
#include "compiler/codegen/Target.h"
#include "mlir/Support/Timing.h"
#include "llvm/IR/Module.h"

namespace gradmill {

/// What an artifact is called in C if nothing else is said.
inline constexpr llvm::StringLiteral kArtifactSymbol = "gradmill_artifact";

/// What the artifact's descriptor says.
struct ArtifactInfo {
  std::string manifest;
  llvm::ArrayRef<char> data; // initial values
  /// The prefix of the symbols of one variant; empty for the variant that a
  /// program starts from.
  std::string variant;
  std::vector<std::string> others; // which variants that one lists
  /// The C symbol that is exported. Names of what the artifact's objects share
  /// among themselves begin with it, so that one program can hold several.
  std::string symbol = kArtifactSymbol.str();
};

/// A function with an innermost loop that stores vectors because it has too few
/// registers.
struct Spill {
  std::string function;
  unsigned stores = 0, loads = 0;        // instructions in its worst loop
  std::vector<std::string> kernels = {}; // that the function computes
  bool accepted = false;                 // one of them declares its spills
  unsigned instructions = 0;             // of that loop
  double share = 1; // of the entry's work, see TaskKernel

  /// Two spills in a loop of 76 instructions cost less than a smaller tile: 6 x
  /// 2 with them was 27 % faster than 4 x 2 without. Twenty in 75 cost 22 %
  /// more. In a loop with hardly any work, such as that of mnist's loss,
  /// compiling the kernels again costs more than the spills.
  bool isCostly() const {
    return !accepted && share >= 0.02 && (stores + loads) * 16 >= instructions;
  }
};

/// Each entry's name and the symbol of its function.
using EntryNames = std::vector<std::pair<std::string, std::string>>;
EntryNames entryNames(mlir::ModuleOp module);

/// Translates a module in the LLVM dialect. Several threads may do so at once,
/// with modules and contexts of their own.
llvm::Expected<std::unique_ptr<llvm::Module>>
translate(mlir::ModuleOp module, llvm::LLVMContext &context,
          llvm::TargetMachine &machine, const Target &target);

/// Adds the exports of the artifact (runtime/include/gradmill/artifact.h) to
/// the module that holds its entries.
void addDescriptor(llvm::Module &module, const EntryNames &entries,
                   const ArtifactInfo &artifact);

void optimizeLLVM(llvm::Module &module, llvm::TargetMachine &machine);

/// An object with the key by which a later compilation can reuse it: its
/// functions, each with a hash of its contents.
struct ObjectPart {
  std::string object;
  std::vector<std::pair<std::string, uint64_t>> functions;
  std::vector<Spill> spills;
};
struct ObjectCode {
  std::vector<ObjectPart> parts;
  std::vector<Spill> spills; // of all parts
};

/// Translates the module (which is consumed), optimizes it and generates code
/// for it, in several parts at once. The parts depend on the module alone and
/// not on the number of cores, and so do the bytes. Parts of an earlier,
/// similar compilation without a changed function are reused.
llvm::Expected<ObjectCode> emitObjects(mlir::ModuleOp module,
                                       const Target &target,
                                       const ArtifactInfo &artifact,
                                       mlir::TimingScope &timing,
                                       ObjectCode before = {});

/// Machine code for an optimized module, as assembly text or an object file.
llvm::Expected<std::string> emitMachineCode(llvm::Module &module,
                                            llvm::TargetMachine &machine,
                                            bool assembly);

} // namespace gradmill
