// How many outputs a linear kernel accumulates at once.
#pragma once
#include "nn/interfaces/Machine.h"
#include <algorithm>
#include <cstdint>

namespace gradmill::nn {

/// Cycles of one step over `outputs` accumulators, each with its weight
/// broadcast from memory.
inline double linearStepCycles(int64_t outputs, const Machine &machine) {
  return machine.cycles(outputs, outputs + 1);
}

/// The best number of accumulators by that model: few, equal groups. One
/// register is for the input, one for a weight where the target cannot multiply
/// from memory.
inline int64_t chooseLinearTile(int64_t outputs, const Machine &machine) {
  int64_t best = 1;
  double cycles = 1e300;
  for (int64_t tile = 1;
       tile <= std::min<int64_t>({outputs, 16, machine.registers - 2});
       ++tile) {
    // Many groups become a loop, whose offsets must be multiples of 4.
    if (outputs / tile > 8 && tile % 4)
      continue;
    double cost = outputs / tile * linearStepCycles(tile, machine);
    if (int64_t rest = outputs % tile)
      cost += linearStepCycles(rest, machine);
    if (cost < cycles * 0.999) {
      cycles = cost;
      best = tile;
    }
  }
  return best;
}

} // namespace gradmill::nn
