// How much of the input an element sees, and where: field, jump and start of
// each value of a graph, from what its ops say of their windows
// (WindowInterface). Araujo, Norris and Sim, 2019, "Computing receptive fields of
// convolutional neural networks".
#pragma once
#include "nn/NNDialect.h"

namespace gradmill::nn {

/// Along one axis of the picture, in its pixels. Features, which have no axes,
/// stand at `places` places of it: flatten moves pixels there.
struct Reach {
  double extent = 1;  // how far an element sees, past the border, too
  double jump = 1;    // how far neighbours are apart, perhaps parts of a pixel
  double start = 0.5; // the middle of what the first element sees; 0 is the edge
  double places = 1;

  /// Whole pixels that are seen; neighbours may lie half a pixel apart.
  double field() const;
};
/// One entry for each axis; none: nothing of the picture is seen.
using Reaches = llvm::SmallVector<Reach, 2>;

/// Of the values of a function's block, whose arguments are the inputs.
class ReceptiveFields {
public:
  explicit ReceptiveFields(mlir::Block &graph);

  /// The union over all paths to the value.
  const Reaches &of(mlir::Value value) const;
  /// Of what is no picture any more, tokens or heads for example, nobody can
  /// say.
  static bool isUnknown(const Reaches &reaches) {
    return !reaches.empty() && reaches[0].extent == 0;
  }

private:
  Reaches resultOf(mlir::Operation &op) const;
  llvm::DenseMap<mlir::Value, Reaches> known;
};

/// [N, C, H, W] has two.
size_t spatialDims(mlir::Value value);

} // namespace gradmill::nn
