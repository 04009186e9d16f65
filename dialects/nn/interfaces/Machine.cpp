// The table of targets. docs/performance.md says how to add one.
#include "nn/interfaces/Machine.h"
#include "llvm/ADT/STLExtras.h"

namespace gradmill::nn {

static constexpr int64_t KiB = 1024;

// "winograd": tiles x filters of a product. Eight sums hide the latency of a
// multiply-add. With 16 registers 3 x 4 has fewer loads and is 8 % slower,
// since three tiles of transformed input leave the first-level cache. With 64
// input channels ("winograd_deep") 2 x 6 is 10 % faster. With AVX-512 (one core
// of a Xeon, Emerald Rapids) 2 x 12 takes 0.85 of the time of 2 x 8 for 64
// channels, 0.95 to 1.0 for 32, 1.0 to 1.03 for 16; 2 x 10 lies between; 2 x
// 16, 3 x 8, 4 x 6 and 4 x 4 are 3 to 25 % slower. Elsewhere with 32 registers
// 2 x 8 is the model's.
static constexpr MeasuredTile kSixteenRegisters[] = {{"winograd", {2, 4}},
                                                     {"winograd_deep", {2, 6}}};
static constexpr MeasuredTile kAvx512[] = {{"winograd", {2, 8}},
                                           {"winograd_deep", {2, 12}}};
static constexpr MeasuredTile kThirtyTwoRegisters[] = {{"winograd", {2, 8}}};

// Caches are the smallest of current machines of the kind: a tile that is too
// small costs little, one that leaves its cache much. Measured on hardware:
// avx2, and of avx512 the tiles below; with the 48 KiB and 2 MiB of that CPU
// its kernels were no faster. The others follow from the vendors' optimization
// guides. Without FMA (x86-64) a multiply-add is a multiplication and an
// addition, which the same two units take in turn on older cores and which four
// units share on newer ones: two a cycle, as for the others.
static constexpr Machine kMachines[] = {
    {"avx512", 64, 32, 2, 2, 4, 32 * KiB, 1024 * KiB, kAvx512},
    {"avx2", 32, 16, 2, 2, 4, 32 * KiB, 512 * KiB, kSixteenRegisters},
    {"x86-64", 16, 16, 2, 2, 4, 32 * KiB, 512 * KiB, kSixteenRegisters},
    {"generic", 16, 32, 2, 2, 4, 32 * KiB, 512 * KiB, kThirtyTwoRegisters},
};

llvm::ArrayRef<Machine> machines() { return kMachines; }

const Machine *findMachine(llvm::StringRef name) {
  const Machine *found = llvm::find_if(
      kMachines, [&](const Machine &m) { return m.name == name; });
  return found == std::end(kMachines) ? nullptr : found;
}

const Machine &defaultMachine() { return *findMachine("avx2"); }

std::optional<std::array<int64_t, 2>>
Machine::measuredTile(llvm::StringRef of) const {
  for (const MeasuredTile &tile : measured)
    if (tile.kernel == of)
      return tile.size;
  return std::nullopt;
}

Machine Machine::withRegisters(int64_t number) const {
  Machine other = *this;
  other.registers = number;
  if (number < registers)
    other.measured = {};
  return other;
}

} // namespace gradmill::nn
