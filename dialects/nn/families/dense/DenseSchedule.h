// How many outputs a linear kernel accumulates at once.
#pragma once
#include <algorithm>
#include <cstdint>

namespace gradmill::nn {

/// Cycles of one step over `outputs` accumulators: two multiply-adds a cycle,
/// each with its weight broadcast from memory, and at least 8 independent sums
/// to hide the latency of 4.
inline double linearStepCycles(int64_t outputs) {
  return std::max((outputs + 1) / 2.0, 4.0);
}

/// The best number of accumulators by that model: few, equal groups. One
/// register is for the input, one for a weight where the target cannot multiply
/// from memory.
inline int64_t chooseLinearTile(int64_t outputs, int64_t registers) {
  int64_t best = 1;
  double cycles = 1e300;
  for (int64_t tile = 1;
       tile <= std::min<int64_t>({outputs, 16, registers - 2}); ++tile) {
    // Many groups become a loop, whose offsets must be multiples of 4.
    if (outputs / tile > 8 && tile % 4)
      continue;
    double cost = outputs / tile * linearStepCycles(tile);
    if (int64_t rest = outputs % tile)
      cost += linearStepCycles(rest);
    if (cost < cycles * 0.999) {
      cycles = cost;
      best = tile;
    }
  }
  return best;
}

} // namespace gradmill::nn
