// The table of targets. docs/performance.md says how to add one.
#include "nn/interfaces/Machine.h"
#include "llvm/ADT/STLExtras.h"

namespace gradmill::nn {

static constexpr int64_t KiB = 1024;

// Cache sizes are the smallest of current machines of the kind: a tile that is
// too small costs little, one that leaves its cache much. Measured on hardware:
// avx2, and some tiles of avx512; with the 48 KiB and 2 MiB of that CPU its
// kernels were no faster. The others follow the vendors' optimization guides.
// Without FMA (x86-64) a multiply-add is a multiplication and an addition.
// Older cores compute these on the same two units in turn, and newer ones share
// four units: two a cycle, as for the others.
static constexpr Machine kMachines[] = {
    {"avx512", 64, 32, 2, 2, 4, 32 * KiB, 1024 * KiB},
    {"avx2", 32, 16, 2, 2, 4, 32 * KiB, 512 * KiB},
    {"x86-64", 16, 16, 2, 2, 4, 32 * KiB, 512 * KiB},
    {"generic", 16, 32, 2, 2, 4, 32 * KiB, 512 * KiB},
};

llvm::ArrayRef<Machine> machines() { return kMachines; }

const Machine *findMachine(llvm::StringRef name) {
  const Machine *found = llvm::find_if(
      kMachines, [&](const Machine &m) { return m.name == name; });
  return found == std::end(kMachines) ? nullptr : found;
}

const Machine &defaultMachine() { return *findMachine("avx2"); }

} // namespace gradmill::nn
