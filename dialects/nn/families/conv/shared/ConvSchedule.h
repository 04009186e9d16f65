// Tile sizes of the convolution kernels: as large as the registers allow, to
// keep the multipliers busy. They are separate from the kernels, so a tile can
// be changed here alone.
#pragma once
#include "Conv.h"
#include "nn/interfaces/Machine.h"
#include "llvm/ADT/SmallVector.h"
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace gradmill::nn {

/// "2 pixels", "1 pixel"; "3 (kw c)" has no plural.
inline std::string counted(int64_t n, std::string what) {
  bool plural = n != 1 && what.back() != ')';
  return std::to_string(n) + " " + what + (plural ? "s" : "");
}

/// Accumulators of a forward or backward-data tile.
struct ConvTile {
  int64_t pixels, channels;
};

/// Accumulators of a backward-weights tile.
struct WeightsTile {
  int64_t inputs, outputs;
};

/// Cycles of one step over an a x b tile. Each load adds a little, because it
/// may miss the first-level cache.
inline double tileCycles(int64_t a, int64_t b, const Machine &machine) {
  return machine.cycles(a * b, a + b) + 0.05 * (a + b);
}

/// An axis as runs of equal parts: `count` parts of `size`, starting at
/// `first`.
struct Run {
  int64_t first, size, count;
};

using Runs = llvm::SmallVector<Run, 2>;

/// Parts of at most `part`, as even as possible: a small remainder would leave
/// the multipliers idle. With an alignment, all parts except the last are
/// multiples of it. None for an empty axis.
inline Runs splitAxis(int64_t size, int64_t part, int64_t alignment = 1) {
  Runs runs;
  if (size <= 0)
    return runs;
  part = std::min(part, size);
  auto add = [&](int64_t first, int64_t each, int64_t count) {
    if (each > 0 && count > 0)
      runs.push_back({first, each, count});
  };
  if (alignment > 1) {
    add(0, part, size / part);
    add(size / part * part, size % part, 1);
    return runs;
  }
  int64_t parts = (size + part - 1) / part, each = size / parts,
          larger = size % parts;
  add(0, each + 1, larger);
  add(larger * (each + 1), each, parts - larger);
  return runs;
}

/// Cycles to cover a x b elements with tiles of ta x tb.
inline double coverCycles(int64_t a, int64_t b, int64_t ta, int64_t tb,
                          const Machine &machine, int64_t alignment = 1) {
  double total = 0;
  for (Run i : splitAxis(a, ta))
    for (Run j : splitAxis(b, tb, alignment))
      total += double(i.count * j.count) * tileCycles(i.size, j.size, machine);
  return total;
}

/// Registers for accumulators, `a` loaded values, one broadcast, and some to
/// spare.
inline bool fits(int64_t a, int64_t b, int64_t registers, int64_t spare) {
  return a * b + a + 1 + spare <= registers;
}

/// The best tile for `a` x `b` elements by that model, with one register to
/// spare. With all registers in use, LLVM moved loads ahead and spilled them,
/// for half the speed. Without the spare one, the 1x1 convolutions of mnist and
/// resnet8 took 1.06 to 1.09 times as long.
inline std::pair<int64_t, int64_t> bestTile(int64_t a, int64_t b,
                                            const Machine &machine,
                                            int64_t alignment = 1,
                                            int64_t spare = 1) {
  std::pair<int64_t, int64_t> best{1, std::min(b, alignment)};
  double cycles = 1e300;
  for (int64_t ta = 1; ta <= std::min<int64_t>(a, 8); ++ta)
    for (int64_t tb = 1; tb <= std::min<int64_t>(b, 16); ++tb) {
      if (!fits(ta, tb, machine.registers, spare) || (tb % alignment && tb < b))
        continue;
      double cost = coverCycles(a, b, ta, tb, machine, alignment);
      if (cost < cycles * 0.999) {
        cycles = cost;
        best = {ta, tb};
      }
    }
  return best;
}

/// Where blocks of channels should start. With short sums most of the work is
/// storing the results. Their tiles begin at a cache line of `line` vectors, so
/// no two tiles share one: 0.85 to 0.95 of the time of 1x1 filters and first
/// layers. They take two whole lines where all tiles can: another 0.92 to 1.0.
/// For long sums this makes no difference, and a tile of few channels may
/// spill.
inline int64_t tileAlignment(int64_t channels, int64_t steps, int64_t line,
                             int64_t wanted) {
  if (steps > 32)
    return wanted;
  return std::max(wanted, channels % (2 * line) == 0 ? 2 * line : line);
}

/// For rows of `width` pixels. `alignment`: channel blocks should start at
/// multiples of it.
inline ConvTile chooseConvTile(int64_t channels, int64_t width,
                               const Machine &machine, int64_t alignment) {
  auto [pixels, group] = bestTile(width, channels, machine, alignment);
  return {pixels, group};
}

/// With `once`, the inputs are computed where they are read. So a tile should
/// have all filters, or as many as the registers hold.
inline WeightsTile chooseWeightsTile(int64_t inputs, int64_t filters,
                                     const Machine &machine, bool once) {
  if (once)
    return {1, splitAxis(filters, std::max<int64_t>(1, machine.registers - 3))
                   .front()
                   .size};
  // Uses all registers: 3 x 4 instead of 3 x 3 takes 0.9 of the time for the
  // first layers of mnist and resnet8, and does not spill.
  auto [a, b] = bestTile(inputs, filters, machine, 1, /*spare=*/0);
  return {a, b};
}

/// Output rows per pass of backward-weights with images in the lanes: as few as
/// make up for the loads and stores of the sums. The input's pixels lie apart
/// by all of its channels, a power of two, so two rows compete for a few sets
/// of the first-level cache. Filling half of the cache with a slice of the
/// cotangent took 1.2 to 1.3 times as long for first layers and 1x1 filters,
/// 1.05 for 3x3.
inline int64_t weightsRows(int64_t rows, int64_t width) {
  constexpr int64_t pixels = 16;
  return std::min(rows, (pixels + width - 1) / width);
}

/// With the filters in the lanes, the input's side of the sums of a filter row.
/// If its columns are not dilated, [column][channel] is one axis.
struct TapAxis {
  explicit TapAxis(const ConvShape &s)
      : columns(s.dilation[1] == 1 ? 1 : s.kernel[1]),
        inputs(s.channels * s.kernel[1] / columns) {}
  int64_t columns, inputs; // loops over columns; elements in each
};

/// Backward-weights with the filters in the lanes.
struct FilterLanesSchedule {
  int64_t rows;            // of the output per pass
  int64_t inputs, vectors; // channels (or taps of them) x vectors of filters in
                           // the accumulators

  /// "6 inputs x 2 vectors, 4 rows a pass".
  std::string describe() const;
};

/// Cycles of backward-weights for one group of images, without Winograd. The
/// estimates are good for comparisons only.
double directWeightsCycles(const ConvShape &s, int64_t lanes,
                           int64_t vectorBytes, const Machine &machine);

/// None if images in the lanes are faster, unless it is `forced`.
std::optional<FilterLanesSchedule>
chooseFilterLanes(const ConvShape &s, int64_t lanes, int64_t vectorBytes,
                  const Machine &machine, bool forced);

} // namespace gradmill::nn
