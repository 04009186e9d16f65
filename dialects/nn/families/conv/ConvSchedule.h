// Tile sizes of the convolution kernels: what fits in the registers and keeps the
// multipliers busy. Apart from the kernels, so that a change of tile is one here.
#pragma once
#include <algorithm>
#include <cstdint>

namespace gradmill::nn {

/// Accumulators of a forward or backward-data tile.
struct ConvTile {
  int64_t pixels, channels;
};

/// Accumulators of a backward-weights tile.
struct WeightsTile {
  int64_t inputs, outputs;
};

/// Cycles of one step over an a x b tile: two multiply-adds and two vector loads a
/// cycle, and at least 8 independent sums to hide the latency of 4.
inline double tileCycles(int64_t a, int64_t b) {
  return std::max({a * b / 2.0, (a + b) / 2.0, 4.0});
}

/// Cycles to cover a x b elements with tiles of ta x tb.
inline double coverCycles(int64_t a, int64_t b, int64_t ta, int64_t tb) {
  double total = 0;
  for (int64_t i = 0; i < a; i += ta)
    for (int64_t j = 0; j < b; j += tb)
      total += tileCycles(std::min(ta, a - i), std::min(tb, b - j));
  return total;
}

/// The best tile by that model among those whose accumulators, `a` loaded values
/// and one broadcast fit in the registers.
template <typename Accept>
std::pair<int64_t, int64_t> bestTile(int64_t a, int64_t b, int64_t registers, Accept accept) {
  std::pair<int64_t, int64_t> best{1, 1};
  double cycles = 1e300;
  // Long axes repeat: 64 elements show the pattern.
  a = std::min<int64_t>(a, 64);
  b = std::min<int64_t>(b, 64);
  for (int64_t ta = 1; ta <= std::min<int64_t>(a, 8); ++ta)
    for (int64_t tb = 1; tb <= std::min<int64_t>(b, 16); ++tb) {
      if (ta * tb + ta + 1 > registers || !accept(ta, tb))
        continue;
      double cost = coverCycles(a, b, ta, tb);
      if (cost < cycles * 0.999) {
        cycles = cost;
        best = {ta, tb};
      }
    }
  return best;
}

/// `unitStride`: several pixels at once only where neighbours hit the same taps.
inline ConvTile chooseConvTile(int64_t channels, int64_t width, bool unitStride,
                               int64_t registers) {
  auto [pixels, group] =
      bestTile(width, channels, registers, [&](int64_t p, int64_t g) {
        // Many blocks become a loop, whose offsets must be multiples of 4.
        return (unitStride || p == 1) && (channels / g <= 8 || g % 4 == 0);
      });
  return {pixels, group};
}

inline WeightsTile chooseWeightsTile(int64_t channels, int64_t filters, int64_t registers) {
  auto [inputs, outputs] =
      bestTile(channels, filters, registers, [](int64_t, int64_t) { return true; });
  return {inputs, outputs};
}

} // namespace gradmill::nn
