// The machine that is compiled for.
#pragma once
#include "compiler/codegen/Kernel.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>

namespace gradmill {

struct Target {
  std::string triple, cpu, features; // as LLVM names them
  TargetShape shape;
  /// For people: "znver4 (AVX-512, 64-byte vectors)".
  std::string describe() const;
};

/// `cpu` is "native" (this machine), "x86-64", "avx2", "avx512", or a name that LLVM
/// knows for this architecture. The error lists what is accepted.
llvm::Expected<Target> resolveTarget(llvm::StringRef cpu);

llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(const Target &target);

} // namespace gradmill
