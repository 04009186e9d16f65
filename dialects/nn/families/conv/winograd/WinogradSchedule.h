// Decides when a 3x3 convolution is computed in Winograd's form, and with which
// tiles. This is separate from the kernel, so a tile or the model can be
// changed here alone.
#pragma once
#include "Conv.h"
#include "nn/interfaces/Lowering.h"
#include "llvm/ADT/SmallVector.h"
#include <array>
#include <optional>
#include <string>

namespace gradmill::nn {

/// Why the transforms may keep vectors in memory.
inline constexpr llvm::StringLiteral kWinogradSpills =
    "a tile's transform holds all of its points, 16 or 36";

/// A 3x3 convolution with stride 1 as the kernel sees it. Backward-data is a
/// forward convolution of the cotangent. Pairs are (height, width).
struct WinogradProblem {
  int64_t inChannels, outChannels;
  std::array<int64_t, 2> in, out, padding; // padding may be negative: a crop
  int64_t blocks;                          // groups of images
  int64_t vectorBytes;
  Machine machine = defaultMachine();

  /// Tiles of `outputs` x `outputs` pixels that cover the output.
  int64_t tiles(int axis, int64_t outputs) const {
    return (out[axis] + outputs - 1) / outputs;
  }
  int64_t tiles(int64_t outputs) const {
    return tiles(0, outputs) * tiles(1, outputs);
  }
};

/// A rectangle of tiles of one kind, counted in tiles. Along an axis where a
/// tile is short, it has 2 outputs from 4 of F(4x4)'s points.
struct WinogradRegion {
  std::array<int64_t, 2> first, count;
  std::array<bool, 2> isShort;

  int64_t tiles() const { return count[0] * count[1]; }
  int64_t points(int64_t outputs) const {
    return (isShort[0] ? 4 : outputs + 2) * (isShort[1] ? 4 : outputs + 2);
  }
};

/// The tiles that cover the output. With `mayBeShort`, 1 or 2 rows or columns
/// left after whole tiles of 4 get short tiles.
llvm::SmallVector<WinogradRegion, 4>
winogradRegions(const WinogradProblem &p, int64_t outputs, bool mayBeShort);

struct WinogradSchedule {
  int64_t outputs; // m of F(m x m, 3x3)
  int64_t tiles;   // image tiles and
  int64_t filters; //   filters in the accumulators of one product
  int64_t panel; // filters whose products wait in the cache for their transform
  bool shortTiles = false; // at the end of the rows or columns

  int64_t points() const { return (outputs + 2) * (outputs + 2); }
  /// "winograd F(4x4,3x3), 2 tiles x 4 filters, short tiles at the end".
  std::string describe() const;
};

/// The tiles of F(m x m, 3x3), m = `outputs`.
WinogradSchedule winogradTiles(const WinogradProblem &p, int64_t outputs);

/// Cycles of one group of images. The estimates are good for comparisons only.
double directCycles(const WinogradProblem &p);
double winogradCycles(const WinogradProblem &p, const WinogradSchedule &s);

/// The fastest schedule by these costs, or none if the direct kernel is faster.
std::optional<WinogradSchedule> chooseWinograd(const WinogradProblem &p,
                                               Accuracy accuracy);

/// F(3x3, m x m), the weights' gradient.
struct WinogradWeightsSchedule {
  int64_t outputs;         // m: of the cotangent
  int64_t tiles;           // transformed at a time
  int64_t inputs, vectors; // channels x vectors of filters in the accumulators

  int64_t points() const { return (outputs + 2) * (outputs + 2); }
  /// "winograd F(3x3,4x4), 6 inputs x 2 vectors, 4 tiles a pass".
  std::string describe() const;
};

/// The tiles of F(3x3, m x m), m = `outputs`.
WinogradWeightsSchedule winogradWeightsTiles(const WinogradProblem &p,
                                             int64_t outputs);
std::optional<WinogradWeightsSchedule>
chooseWinogradWeights(const ConvShape &c, const WinogradProblem &p,
                      Accuracy accuracy);

} // namespace gradmill::nn
