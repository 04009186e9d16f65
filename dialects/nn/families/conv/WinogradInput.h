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

  /// The length of a buffer's row of `count` vectors: consecutive points must
  /// not fall into one set of the cache.
  static int64_t padded(int64_t count) {
    return count % 16 ? count : count + 2;
  }

private:
  bool reachesOverBorder() const;
  void fetchAhead(mlir::Value block, mlir::Value tile);
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
};

} // namespace gradmill::nn
