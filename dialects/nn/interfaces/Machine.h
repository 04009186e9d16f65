// What schedules know of the machine that is compiled for: numbers, and tiles
// that were measured to be better than what the numbers say. The table is in
// Machine.cpp; nothing else in the compiler tells one target from another.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace gradmill::nn {

/// A tile that measurement prefers to the model's, for the kernel of this name.
struct MeasuredTile {
  llvm::StringRef kernel;
  std::array<int64_t, 2> size;
};

struct Machine {
  llvm::StringRef name;
  int64_t vectorBytes, registers; // of vectors
  double multiplyAdds, loads;     // of vectors, a cycle
  int64_t latency;                // cycles of a multiply-add
  int64_t l1Bytes, l2Bytes;       // of data, for one core
  llvm::ArrayRef<MeasuredTile> measured;

  /// Cycles of a step with `products` multiply-adds and `loaded` vectors from
  /// memory: as many sums as units times latency are needed to keep the units
  /// busy.
  double cycles(double products, double loaded) const {
    return std::max({products / multiplyAdds, loaded / loads, double(latency)});
  }
  std::optional<std::array<int64_t, 2>> measuredTile(llvm::StringRef of) const;
  /// The same machine with another number of registers: what was measured with
  /// more does not count.
  Machine withRegisters(int64_t number) const;
};

/// All that there are, the widest vectors first.
llvm::ArrayRef<Machine> machines();
/// By name; null if there is none.
const Machine *findMachine(llvm::StringRef name);
/// What tests and passes that are run by hand compile for: AVX2.
const Machine &defaultMachine();

} // namespace gradmill::nn
