// What schedules know of the machine that is compiled for, as numbers. The table
// is in Machine.cpp. Only a schedule that has measured a tile to be better than
// what the numbers say asks for the name.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <algorithm>
#include <cstdint>

namespace gradmill::nn {

struct Machine {
  llvm::StringRef name;
  int64_t vectorBytes, registers; // of vectors
  double multiplyAdds, loads;     // of vectors, a cycle
  int64_t latency;                // cycles of a multiply-add
  int64_t l1Bytes, l2Bytes;       // of data, for one core

  /// Cycles of a step with `products` multiply-adds and `loaded` vectors from
  /// memory: as many sums as units times latency are needed to keep the units
  /// busy.
  double cycles(double products, double loaded) const {
    return std::max({products / multiplyAdds, loaded / loads, double(latency)});
  }
  /// The same machine with another number of registers.
  Machine withRegisters(int64_t number) const {
    Machine other = *this;
    other.registers = number;
    return other;
  }
};

/// All that there are, the widest vectors first.
llvm::ArrayRef<Machine> machines();
/// By name; null if there is none.
const Machine *findMachine(llvm::StringRef name);
/// What tests and passes that are run by hand compile for: AVX2.
const Machine &defaultMachine();

} // namespace gradmill::nn
