// The target machine in numbers, for schedules. The table is in Machine.cpp. A
// schedule asks for the name only if a measured tile is better than what the
// numbers give.
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
  /// memory. To keep the units busy, a step needs as many sums as units times
  /// latency.
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

/// All machines, the widest vectors first.
llvm::ArrayRef<Machine> machines();
/// By name; null if there is none.
const Machine *findMachine(llvm::StringRef name);
/// The target of tests, and of passes that are run by hand: AVX2.
const Machine &defaultMachine();

} // namespace gradmill::nn
