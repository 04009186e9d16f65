// Tile sizes of the convolution with channels in the lanes. Apart from the kernel, so
// that a change of tile is one here.
#pragma once
#include "llvm/ADT/SmallVector.h"
#include <algorithm>
#include <cstdint>

namespace gradmill::nn {

/// Accumulators of a tile: neighbouring pixels of a row, neighbouring vectors of filters.
struct ChannelsTile {
  int64_t pixels, vectors;
};

/// `size` elements as runs of at most `most` that differ by one at most: a short last
/// run would have too few sums in flight.
inline llvm::SmallVector<int64_t> balancedRuns(int64_t size, int64_t most) {
  int64_t count = (size + most - 1) / most;
  llvm::SmallVector<int64_t> runs;
  for (int64_t i = 0; i < count; ++i)
    runs.push_back(size * (i + 1) / count - size * i / count);
  llvm::sort(runs, std::greater<>());
  return runs;
}

/// Cycles of one tap over p pixels x v vectors: two multiply-adds and two loads a cycle,
/// and 8 independent sums to hide a latency of 4. The loop around a tile is not free.
inline double channelsTapCycles(int64_t p, int64_t v) {
  return std::max({p * v / 2.0, (p + v) / 2.0, 4.0}) + 0.25;
}

/// The best tile whose accumulators, weights and one broadcast fit in the registers.
inline ChannelsTile chooseChannelsTile(int64_t width, int64_t vectors, int64_t registers) {
  ChannelsTile best{1, 1};
  double least = 1e300;
  width = std::min<int64_t>(width, 96); // long rows repeat
  for (int64_t v = 1; v <= std::min<int64_t>(vectors, 4); ++v)
    for (int64_t p = 1; p <= width && p * v + v + 1 <= registers; ++p) {
      double cycles = 0;
      for (int64_t pixels : balancedRuns(width, p))
        for (int64_t first = 0; first < vectors; first += v)
          cycles += channelsTapCycles(pixels, std::min(v, vectors - first));
      if (cycles < least) {
        least = cycles;
        best = {p, v};
      }
    }
  return best;
}

/// Taps of a run that is unrolled as a whole, and how many of a longer one at a time.
inline constexpr int64_t kUnrollWhole = 12, kUnrollTaps = 4;

/// A row's tiles at a border are emitted one by one, each tap with the pixels that it
/// hits; past these limits the code would grow too long, and pixels go one by one.
inline constexpr int64_t kBorderTiles = 4, kBorderTaps = 7;

} // namespace gradmill::nn
