// Tile sizes of the convolution with channels in the lanes. They are separate
// from the kernel, so a tile can be changed here alone.
#pragma once
#include "Conv.h"
#include "shared/ConvSchedule.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cstdint>

namespace gradmill::nn {

/// Accumulators of a tile: neighbouring pixels of a row, neighbouring vectors
/// of filters.
struct ChannelsTile {
  int64_t pixels, vectors;
};

/// The sizes of an axis' parts, larger ones first.
inline llvm::SmallVector<int64_t> balancedRuns(int64_t size, int64_t most) {
  llvm::SmallVector<int64_t> runs;
  for (Run run : splitAxis(size, most))
    runs.append(run.count, run.size);
  return runs;
}

/// Cycles of one tap over p pixels x v vectors. The loop around a tile has a
/// cost.
inline double channelsTapCycles(int64_t p, int64_t v, const Machine &machine) {
  return machine.cycles(p * v, p + v) + 0.25;
}

/// Registers for accumulators, weights and one broadcast. If `taps` taps of a
/// row read the same pixels one after another, LLVM keeps these until their
/// last tap.
inline bool fitsChannelsTile(int64_t p, int64_t v, int64_t taps,
                             int64_t registers) {
  int64_t inputs = taps > 1 ? p + taps - 1 : 1;
  return p * v + v + inputs <= registers;
}

/// The best tile that fits in the registers.
inline ChannelsTile chooseChannelsTile(int64_t width, int64_t vectors,
                                       const Machine &machine,
                                       int64_t taps = 1) {
  ChannelsTile best{1, 1};
  double least = 1e300;
  width = std::min<int64_t>(width, 96); // long rows repeat
  for (int64_t v = 1; v <= std::min<int64_t>(vectors, 4); ++v)
    for (int64_t p = 1;
         p <= width && fitsChannelsTile(p, v, taps, machine.registers); ++p) {
      double cycles = 0;
      for (int64_t pixels : balancedRuns(width, p))
        for (int64_t first = 0; first < vectors; first += v)
          cycles +=
              channelsTapCycles(pixels, std::min(v, vectors - first), machine);
      if (cycles < least) {
        least = cycles;
        best = {p, v};
      }
    }
  return best;
}

/// The most taps of a run that is unrolled as a whole, and how many of a longer
/// run at a time.
inline constexpr int64_t kUnrollWhole = 12, kUnrollTaps = 4;

/// A row's tiles at a border are emitted one by one, each tap with the pixels
/// that it hits. Beyond these limits the code would grow too long, and pixels
/// are computed one by one.
inline constexpr int64_t kBorderTiles = 4, kBorderTaps = 7;

//===-- Winograd ----------------------------------------------------------===//

/// Tiles, rows x columns, that are transformed, multiplied and transformed back
/// together: two register tiles' worth, so that little data lies between the
/// steps. With 6 or 36 tiles the MNIST net takes as long, within 2 %.
inline std::array<int64_t, 2> chooseWinogradBlock(int64_t rows,
                                                  int64_t columns) {
  constexpr int64_t kMost = 12;
  int64_t width = balancedRuns(columns, kMost).front();
  return {std::clamp<int64_t>(kMost / width, 1, rows), width};
}

/// Cycles for one image by F(m x m, 3x3): the products at the rate of the
/// direct kernel, plus the loads, computations and stores of a tile's
/// transforms.
inline double winogradCycles(const ConvShape &s, int64_t width, int64_t m) {
  int64_t size = m + 2, vectorsIn = llvm::divideCeil(s.channels, width),
          vectorsOut = llvm::divideCeil(s.filters, width);
  int64_t tiles = llvm::divideCeil(s.out[0], m) * llvm::divideCeil(s.out[1], m);
  double products = double(size * size) * tiles * s.channels * vectorsOut / 2;
  double transforms = tiles * (m == 2 ? 48.0 * vectorsIn + 44.0 * vectorsOut
                                      : 160.0 * vectorsIn + 150.0 * vectorsOut);
  return products * 1.15 + transforms; // short sums have more starts and ends
}

inline double directCycles(const ConvShape &s, int64_t width) {
  return double(s.macs()) / s.batch / s.filters *
         llvm::divideCeil(s.filters, width) / 2;
}

/// m of F(m x m, 3x3), or 0 for the direct kernel.
inline int64_t chooseWinogradTile(const ConvShape &s, int64_t width,
                                  Accuracy accuracy) {
  if (!s.hasWinogradForm() || accuracy == Accuracy::Exact)
    return 0;
  int64_t best = 0;
  double cycles = directCycles(s, width) * 0.9; // exact sums are worth a little
  for (int64_t m : {2, 4}) {
    if (m == 4 && accuracy != Accuracy::Inference)
      break;
    if (double c = winogradCycles(s, width, m); c < cycles) {
      cycles = c;
      best = m;
    }
  }
  return best;
}

} // namespace gradmill::nn
