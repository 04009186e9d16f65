// From the LLVM dialect to LLVM IR, assembly and objects.
#pragma once
#include "compiler/codegen/Target.h"
#include "llvm/IR/Module.h"

namespace gradmill {

/// Translates a module whose entry functions are in the LLVM dialect, adds the
/// artifact's descriptor (runtime/include/gradmill/artifact.h), and optimizes.
llvm::Expected<std::unique_ptr<llvm::Module>>
emitLLVM(mlir::ModuleOp module, llvm::LLVMContext &context, llvm::TargetMachine &machine,
         const Target &target, llvm::StringRef manifest, llvm::ArrayRef<char> data);

/// Machine code for an optimized module, as assembly text or an object file.
llvm::Expected<std::string> emitMachineCode(llvm::Module &module, llvm::TargetMachine &machine,
                                            bool assembly);

} // namespace gradmill
