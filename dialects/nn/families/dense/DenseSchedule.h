// The number of sums that a linear kernel keeps in registers.
#pragma once
#include "nn/Products.h"
#include <algorithm>
#include <cstdint>

namespace gradmill::nn {

/// Cycles of one step over `outputs` accumulators, each with its weight
/// broadcast from memory.
inline double linearStepCycles(int64_t outputs, const Machine &machine) {
  return machine.cycles(outputs, outputs + 1);
}

/// The best number of accumulators by that model: few, equal groups. One
/// register is for the input, and one for a weight if the target cannot
/// multiply from memory.
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

/// Positions x outputs of a sequence. A position is a vector from memory, used
/// for all outputs; a weight is broadcast, once for all positions.
struct RowsTile {
  int64_t positions, outputs;
};

inline RowsTile chooseRowsTile(int64_t positions, int64_t outputs,
                               int64_t alignment, const Machine &machine) {
  RowsTile best{1, 1};
  double least = 1e300;
  auto step = [&](int64_t p, int64_t o) {
    return machine.cycles(double(p * o), double(p + o)) + 0.05 * double(p + o);
  };
  // Tiles of one size, and the remainder.
  auto parts = [](int64_t size, int64_t part) {
    return std::array<std::array<int64_t, 2>, 2>{
        {{part, size / part}, {size % part, size % part ? 1 : 0}}};
  };
  for (int64_t p = 1; p <= std::min<int64_t>(positions, 12); ++p)
    for (int64_t o = 1; o <= std::min<int64_t>(outputs, 12); ++o) {
      if (p * o + p + 2 > machine.registers || (p % alignment && p < positions))
        continue;
      double cost = 0;
      for (auto [np, countP] : parts(positions, p))
        for (auto [no, countO] : parts(outputs, o))
          if (countP && countO)
            cost += double(countP * countO) * step(np, no);
      if (cost < least * 0.999) {
        least = cost;
        best = {p, o};
      }
    }
  return best;
}

/// How the gradient of a sequence's weight is cut. A tile of V sums is inputs x
/// outputs. A task has `part` of each, and takes `blocks` groups of images at a
/// time through all tiles.
struct GradientTile {
  int64_t inputs, outputs, part, blocks;
};

/// Of `blocks` groups with `positions` each, in vectors of `bytes`.
inline GradientTile chooseGradientTile(int64_t inputs, int64_t outputs,
                                       int64_t lanes, int64_t blocks,
                                       int64_t positions, int64_t bytes,
                                       const Machine &machine) {
  GradientTile tile{lanes, 1, 16, 1};
  while (tile.outputs * 4 <= tile.inputs) {
    tile.outputs *= 2;
    tile.inputs /= 2;
  }
  // So many steps that adding up lanes at the end costs little.
  constexpr int64_t kSteps = 64, kTasks = 16;
  tile.blocks =
      std::clamp<int64_t>((kSteps + positions - 1) / positions, 1, blocks);
  auto tasks = [](int64_t size, int64_t part) {
    return (size + part - 1) / part;
  };
  // The larger a part, the less often everything is read; both parts stay in
  // the cache.
  for (int64_t part = 128; part > tile.part; part /= 2)
    if (tasks(inputs, part) * tasks(outputs, part) >= kTasks &&
        double(2 * part * tile.blocks) * double(positions * bytes) <=
            double(machine.l2Bytes) / 2)
      tile.part = part;
  return tile;
}

//===-- Outputs in the lanes ----------------------------------------------===//

/// How a linear layer with outputs in the lanes is cut. A tile of `images` x
/// `vectors` of outputs stays in registers. A task has `vectors`, and an equal
/// part of the images, of which there are `parts`. It takes `inputs` at a time.
/// Without `tasks` the layer is a loop over images.
struct LinearCut {
  int64_t images, vectors, parts, inputs, tasks;
};

inline LinearCut cutLinear(int64_t images, int64_t inputs, int64_t vectors,
                           int64_t lanes, int64_t bytes,
                           const Machine &machine) {
  // Less work than this, in multiply-adds of vectors, is not worth waking
  // threads.
  constexpr int64_t kWorthThreads = 1 << 14, kTasks = 16;
  bool isSmall = images * inputs * vectors < kWorthThreads;
  ProductTile tile = chooseProductTile(isSmall ? 1 : images, vectors, machine);
  LinearCut cut{tile.rows, tile.vectors, 1, inputs, 0};
  if (isSmall)
    return cut;
  // Parts of the images, if there are too few outputs for many tasks.
  int64_t groups = (vectors + cut.vectors - 1) / cut.vectors;
  for (int64_t parts = 1; parts <= images; ++parts)
    if (images % parts == 0 && images / parts >= 2 * cut.images &&
        groups * cut.parts < kTasks)
      cut.parts = parts;
  cut.tasks = groups * cut.parts;
  // The weights of a block of inputs stay in the second-level cache while all
  // images pass by.
  int64_t fit = machine.l2Bytes / 2 / (cut.vectors * lanes * bytes);
  if (images / cut.parts > cut.images && inputs > fit)
    cut.inputs = std::max<int64_t>(fit / 4 * 4, 4);
  return cut;
}

/// Cycles for one image of a batch, which hardly depend on the machine. With
/// the images in the lanes the weights are transposed for every batch, element
/// by element, and every product loads a weight.
inline double linearLanesCycles(int64_t images, int64_t inputs, int64_t outputs,
                                int64_t lanes) {
  double weights = double(inputs) * double(outputs);
  return weights / double(lanes) + weights / double(images);
}

/// With outputs in the lanes. An element may have to be moved into another
/// layout and back.
inline double linearChannelsCycles(int64_t inputs, int64_t outputs,
                                   int64_t lanes) {
  return double(inputs) * double((outputs + lanes - 1) / lanes) / 2 * 1.15 +
         double(inputs + outputs);
}

} // namespace gradmill::nn
