// The input side of Winograd's kernels: V = B' d B.
#pragma once
#include "WinogradSchedule.h"
#include "WinogradTransforms.h"

namespace gradmill::nn {

/// The n x n pixels behind tiles of m x m outputs, transformed into a scratch
/// buffer of the task: [points][slot][input channel], `slots` tiles at a time.
class WinogradInput {
public:
  /// With `scalars` the buffer's elements are the lanes, which
  /// Emitter::storeVector hides; else vectors.
  WinogradInput(KernelBuilder &k, mlir::Value in, const WinogradProblem &p,
                int64_t outputs, int64_t slots, bool scalars = false);

  /// Tiles of an image, row by row.
  int64_t tiles() const { return tileCount; }
  struct At {
    mlir::Value row, column; // of a tile's first output
  };
  At positionOf(mlir::Value tile);
  /// The place in a row of the buffer is slot * inChannels + channel.
  void transform(mlir::Value block, mlir::Value tile, mlir::Value slot);
  mlir::Value buffer() const { return V; }
  /// See WinogradTransforms::loadFactors.
  void useFactors(mlir::Value buffer) { factors = buffer; }
  /// Runs over the output pixels of the tiles from `first` on, as many as there
  /// are slots, in `steps` parts: the part of this step. Of tiles past the
  /// image's last, the last again.
  void eachPart(mlir::Value first, mlir::Value step, int64_t steps,
                llvm::function_ref<void(mlir::Value, mlir::Value)> body);
  /// Fetches a part of what the tiles from `next` on will read, at each of
  /// `steps` steps.
  void fetchAhead(mlir::Value block, mlir::Value next, mlir::Value step,
                  int64_t steps);

  /// The length of a buffer's row of `count` vectors: consecutive points must
  /// not fall into one set of the cache.
  static int64_t padded(int64_t count) {
    return count % 16 ? count : count + 2;
  }

private:
  bool reachesOverBorder(int axis) const;
  bool reachesOverBorder() const {
    return reachesOverBorder(0) || reachesOverBorder(1);
  }
  bool inTwoPasses() const;
  int64_t chunk() const;
  void transformRow(mlir::Value block, mlir::Value i, mlir::Value row,
                    mlir::Value column, mlir::Value first, mlir::Value count);
  void transformColumn(mlir::Value slot, mlir::Value j, mlir::Value first,
                       mlir::Value count);
  void collect(mlir::Value block, mlir::Value row, mlir::Value column);
  void transformPixels(
      mlir::Value slot,
      llvm::function_ref<mlir::Value(int64_t, int64_t, mlir::Value)> pixel);

  KernelBuilder &k;
  mlir::Value in;
  WinogradProblem p;
  WinogradTransforms transforms;
  int64_t m, n, slots, tilesWide, tileCount;
  mlir::VectorType vector;
  mlir::Value V, patch;
  mlir::Value factors; // null, or what WinogradTransforms loads
};

} // namespace gradmill::nn
