// The input side of Winograd's kernels: V = B' d B.
#pragma once
#include "winograd/WinogradSchedule.h"
#include "winograd/WinogradTransforms.h"

namespace gradmill::nn {

/// The n x n pixels of tiles of m x m outputs, transformed into a scratch
/// buffer of the task: [points][slot][input channel], `slots` tiles at a time.
class WinogradInput {
public:
  /// With `scalars` the buffer's elements are the lanes, which
  /// Emitter::storeVector hides. Otherwise they are vectors, and tiles at the
  /// end of a row or a column may be short.
  WinogradInput(KernelBuilder &k, mlir::Value in, const WinogradProblem &p,
                int64_t outputs, int64_t slots, bool scalars = false);

  /// Numbers of an image's tiles, region by region and row by row. A region
  /// begins at a multiple of `slots`, so all tiles up to the next multiple are
  /// of one kind.
  int64_t tiles() const;
  /// The numbers of tiles of one kind that are taken together, the largest
  /// first.
  llvm::SmallVector<int64_t, 4> groupSizes() const;
  /// Whether the last tile along an axis is short.
  bool isShort(int axis) const { return regions.back().isShort[axis]; }
  /// The number of tiles from `first` on, a multiple of `slots`.
  mlir::Value countFrom(mlir::Value first);
  struct At {
    mlir::Value row, column;            // of a tile's first output
    mlir::Value shortRows, shortColumns; // null if no tile is short
  };
  /// After the last tile of a region, the last one again.
  At positionOf(mlir::Value tile);
  /// The place in a row of the buffer is slot * inChannels + channel. The row
  /// is i * n + j for the points i and j of a whole tile; a short tile has some
  /// of these.
  void transform(mlir::Value block, const At &at, mlir::Value slot);
  /// The number of points of a row or column, or of its pixels.
  mlir::Value length(mlir::Value isShort);
  /// The number of its i-th point.
  mlir::Value point(mlir::Value isShort, mlir::Value i);
  /// Emits `body` for whole lines, for short ones, or a choice of both.
  void eitherLine(mlir::Value isShort, llvm::function_ref<void(bool)> body);
  mlir::Value buffer() const { return V; }
  /// See WinogradTransforms::loadFactors.
  void useFactors(mlir::Value buffer) { factors = buffer; }
  /// As many tiles as there are slots, from `first` on.
  using Group = llvm::SmallVector<At, 4>;
  Group groupAt(mlir::Value first);
  /// Walks over the output pixels of tiles in `steps` parts; this is the part
  /// of one step. Short tiles count as whole ones.
  void eachPart(const Group &group, mlir::Value step, int64_t steps,
                llvm::function_ref<void(mlir::Value, mlir::Value)> body);
  /// Prefetches a part of what the tiles will read, at each of `steps` steps.
  void fetchAhead(mlir::Value block, const Group &next, mlir::Value step,
                  int64_t steps);

  /// The length of a buffer's row of `count` vectors: consecutive points must
  /// not fall into one set of the cache.
  static int64_t padded(int64_t count) {
    return count % 16 ? count : count + 2;
  }

private:
  bool reachesOverBorder(int axis, bool isShort) const;
  bool reachesOverBorder(int axis) const {
    return reachesOverBorder(axis, false) || reachesOverBorder(axis, true);
  }
  bool reachesOverBorder() const {
    return reachesOverBorder(0) || reachesOverBorder(1);
  }
  bool inTwoPasses() const;
  int64_t chunk() const;
  void transformRow(mlir::Value block, const At &at, mlir::Value i,
                    mlir::Value first, mlir::Value count);
  void transformColumn(const At &at, mlir::Value slot, mlir::Value j,
                       mlir::Value first, mlir::Value count);
  void collect(mlir::Value block, mlir::Value row, mlir::Value column);
  void transformPixels(
      mlir::Value slot,
      llvm::function_ref<mlir::Value(int64_t, int64_t, mlir::Value)> pixel);

  KernelBuilder &k;
  mlir::Value in;
  WinogradProblem p;
  WinogradTransforms transforms;
  int64_t m, n, slots;
  llvm::SmallVector<WinogradRegion, 4> regions;
  llvm::SmallVector<int64_t, 4> firsts; // numbers, of the regions
  mlir::VectorType vector;
  mlir::Value V, patch;
  mlir::Value factors; // null, or what WinogradTransforms loads
};

} // namespace gradmill::nn
