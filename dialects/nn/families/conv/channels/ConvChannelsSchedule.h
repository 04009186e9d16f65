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
                                       const Machine &machine, int64_t taps = 1,
                                       int64_t mostVectors = 4) {
  ChannelsTile best{1, 1};
  double least = 1e300;
  width = std::min<int64_t>(width, 96); // long rows repeat
  for (int64_t v = 1; v <= std::min(vectors, mostVectors); ++v)
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

/// Layers of fewer images than this have tasks for parts of an image, if they
/// have more multiply-adds of vectors than the second number.
inline constexpr int64_t kFewImages = 8, kWorthThreads = 1 << 17;

/// How the direct kernel is cut: into tiles, and into tasks for filters, images
/// and rows if there are `tasks`. Otherwise it is a loop over images.
struct ChannelsCut {
  ChannelsTile tile;
  int64_t imageParts = 1, rowParts = 1, tasks = 0;
};

/// `channels` of each tap's filters; `vectors` of filters in each of `groups`;
/// `taps` as above. Filters that the second-level cache does not hold meet all
/// images part by part.
inline ChannelsCut cutChannels(const ConvShape &s, int64_t width, int64_t bytes,
                               int64_t channels, int64_t groups,
                               int64_t vectors, int64_t taps,
                               const Machine &machine) {
  constexpr int64_t kTasks = 16;
  int64_t vector = s.kernel[0] * s.kernel[1] * channels * width * bytes;
  double products = double(s.macs()) / s.filters * groups * vectors;
  bool isWide = s.batch > 1 && vector * vectors * groups > machine.l2Bytes / 2,
       isLong = s.batch < kFewImages && products > double(kWorthThreads);
  ChannelsCut cut;
  if (!isWide && !isLong) {
    cut.tile = chooseChannelsTile(s.out[1], vectors, machine, taps);
    return cut;
  }
  int64_t fit = std::clamp<int64_t>(machine.l2Bytes * 5 / 8 / vector, 1, 4);
  cut.tile = chooseChannelsTile(s.out[1], vectors, machine, taps, fit);
  int64_t filters = groups * llvm::divideCeil(vectors, cut.tile.vectors);
  auto split = [](int64_t size, int64_t enough) {
    int64_t parts = 1;
    while (parts < size && (size % parts || parts < enough))
      ++parts;
    return parts;
  };
  cut.imageParts = split(s.batch, llvm::divideCeil(kTasks, filters));
  cut.rowParts =
      split(s.out[0], llvm::divideCeil(kTasks, filters * cut.imageParts));
  cut.tasks = filters * cut.imageParts * cut.rowParts;
  return cut;
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

/// Filters of more bytes come from memory behind the second-level cache.
inline constexpr double kWideBytes = 1 << 20;

/// And filters of more bytes, in the kernels with the batch in the lanes.
inline constexpr double kNoCacheBytes = 1536 << 10;

/// An image's share of the cycles in which a wide layer's filters come.
inline double streamCycles(double bytes, int64_t batch) {
  return bytes > kWideBytes ? bytes / 8 / double(batch) : 0;
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
  double bytes = 4.0 * size * size * s.channels * vectorsOut * width;
  return products * 1.15 + transforms // short sums have more starts and ends
         + streamCycles(bytes, s.batch);
}

/// Whether each step of a Winograd convolution takes all images before the next
/// step: if the transformed filter does not stay in the cache from one image to
/// the next, or if there are fewer images than threads and enough work. What
/// lies between the steps has a limit. With many tiles an image a filter
/// serves enough of them.
inline bool takesImagesTogether(const ConvShape &s, int64_t width, int64_t m,
                                const Machine &machine) {
  constexpr int64_t kBetween = 64 << 20, kTiles = 64, kBytes = 4;
  int64_t points = (m + 2) * (m + 2), vectors = llvm::divideCeil(s.filters, width);
  int64_t tiles = llvm::divideCeil(s.out[0], m) * llvm::divideCeil(s.out[1], m);
  double filter = double(points * s.channels) * vectors * width * kBytes;
  double between = double(points * tiles * s.batch) * kBytes *
                   (llvm::alignTo(s.channels, width) + vectors * width);
  if (between > kBetween)
    return false;
  if (s.batch > 1 && tiles < kTiles && filter > double(machine.l2Bytes) / 2)
    return true;
  return s.batch < kFewImages &&
         double(points * tiles * s.channels) * vectors > kWorthThreads;
}

inline double directCycles(const ConvShape &s, int64_t width) {
  int64_t vectors = llvm::divideCeil(s.filters, width);
  double bytes = 4.0 * s.kernel[0] * s.kernel[1] * s.groupChannels() * vectors * width;
  // A tile of few pixels waits for its filters, if the first-level cache does
  // not hold them.
  double wait = bytes > kWideBytes ? 4.0 / std::min<int64_t>(s.out[1], 4) : 1;
  return double(s.macs()) / s.batch / s.filters * vectors / 2 * wait +
         streamCycles(bytes, s.batch);
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
