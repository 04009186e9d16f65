// The machine for which code is compiled.
#pragma once
#include "compiler/vector/Kernel.h"
#include "nn/Registry.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>

namespace gradmill {

struct Target {
  std::string triple, cpu, features; // as LLVM names them
  std::string name;                  // as the user wrote it: "avx2"
  /// The features beyond the architecture's baseline that the code needs, among
  /// those that the runtime can check (runtime/core/Cpu.h): "avx2", "fma".
  std::vector<std::string> needs;
  TargetShape shape;
  /// For people: "znver4 (AVX-512, 64-byte vectors)".
  std::string describe() const;
};

/// `cpu` is "native" (this machine), a target of the registry ("avx2"), or a name
/// that LLVM knows for this architecture. The error lists what is accepted.
/// `triple`: another architecture, as "aarch64-linux-gnu"; empty for this one.
llvm::Expected<Target> resolveTarget(llvm::StringRef cpu,
                                     const Registry &registry,
                                     llvm::StringRef triple = "");

/// Several, for one artifact: "avx512,avx2,x86-64", or "all" for those that the
/// registry has for the architecture and this purpose. The widest vectors come
/// first, each name once.
llvm::Expected<std::vector<Target>> resolveTargets(llvm::StringRef cpus,
                                                   const Registry &registry,
                                                   llvm::StringRef triple);

/// Whether `triple` is an architecture other than this program's.
bool isForeign(llvm::StringRef triple);

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const Target &target);

} // namespace gradmill
