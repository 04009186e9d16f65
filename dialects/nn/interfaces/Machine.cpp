// The table of targets. docs/performance.md says how to add one.
#include "nn/interfaces/Machine.h"
#include "llvm/ADT/STLExtras.h"

namespace gradmill::nn {

static constexpr int64_t KiB = 1024;

// "winograd": tiles x filters of a product. Eight sums hide the latency of a
// multiply-add. With 16 registers 3 x 4 has fewer loads and is 8 % slower,
// since three tiles of transformed input leave the first-level cache. With 64
// input channels ("winograd_deep") 2 x 6 is 10 % faster. With 32 registers 2 x
// 8 is the model's; it has not been measured.
static constexpr MeasuredTile kSixteenRegisters[] = {{"winograd", {2, 4}},
                                                     {"winograd_deep", {2, 6}}};
static constexpr MeasuredTile kThirtyTwoRegisters[] = {{"winograd", {2, 8}}};

// Caches are the smallest of current machines of the kind: a tile that is too
// small costs little, one that leaves its cache much. Measured on hardware:
// avx2. The others follow from the vendors' optimization guides. Without FMA
// (x86-64) a multiply-add is a multiplication and an addition, which the same
// two units take in turn on older cores and which four units share on newer
// ones: two a cycle, as for the others.
static constexpr Machine kMachines[] = {
    {"avx512", 64, 32, 2, 2, 4, 32 * KiB, 1024 * KiB, kThirtyTwoRegisters},
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
