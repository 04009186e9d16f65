// The target machine in numbers, for schedules. Targets of the registry have one
// (families/target has the built-in ones). A schedule asks for the name only if a
// measured tile is better than what the numbers give.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>

namespace gradmill::nn {

struct Machine {
  std::string name; // the target's
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

/// The machine of tests, and of passes that are run by hand: AVX2.
const Machine &defaultMachine();

} // namespace gradmill::nn
