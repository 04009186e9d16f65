// Code that the kernels of backward-weights with the filters in the lanes
// share.
//
// Their operands have images in the lanes. With filters there instead, a sum
// over images needs no lane of its own: the sums take an eighth of the memory
// and stay eight times as long in registers. The cotangent is transposed; the
// input is read element by element, as a broadcast.
#pragma once
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

class FilterLanes {
public:
  /// Operand 1 is the cotangent, in lanes layout with `filters` channels.
  FilterLanes(KernelBuilder &k, int64_t filters);

  mlir::VectorType vector;
  /// Of a vector; vectors of one image's filters.
  int64_t lanes, vectors;

  /// Loads the pixel's vectors [first, first + count) of filters, for each
  /// image of the block, and hands them to `store(image, number, value)`, the
  /// number counted from `first`. Lanes past the last filter are 0.
  void
  transpose(mlir::Value block, mlir::Value row, mlir::Value column,
            mlir::Value first, int64_t count,
            llvm::function_ref<void(int64_t, mlir::Value, mlir::Value)> store);

  /// Partial sums of the tasks, [task][tap, input][vector of filters], which
  /// start at 0.
  mlir::Value partialSums(int64_t tasks, int64_t inputs);
  void clear(mlir::Value sums);
  /// `a` x `b` of the sums, from an input and a vector of filters on; inputs
  /// that are `step` rows apart.
  struct Tile {
    mlir::Value input, filter;
    int64_t a, b, step = 1;
  };
  /// Keeps a tile of the sums in registers while `loops(tile's sums)` adds to
  /// them and returns the new sums. If `fresh` (an i1, or null) holds, they
  /// start at 0, whatever is in memory.
  void accumulate(
      mlir::Value sums, const Tile &tile,
      llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::ValueRange)>
          loops,
      mlir::Value fresh = nullptr);
  /// The innermost of these loops: adds input i times vector j of the filters,
  /// for each image.
  using Element = llvm::function_ref<mlir::Value(mlir::Value image, int64_t)>;
  llvm::SmallVector<mlir::Value> addImages(const Tile &tile,
                                           mlir::ValueRange sums, Element input,
                                           Element filter);

  /// Adds the sums of the tasks, in their order, into the gradient
  /// [filter][channel][row][column] of the weights. With `channelFirst` the
  /// sums' order is [task][input, tap][vector of filters].
  void combine(mlir::Value sums, mlir::Value gradient,
               bool channelFirst = false);

private:
  // `body`, for vector `number`, gets the number of filters in it.
  void partOf(mlir::Value number, llvm::function_ref<void(int64_t)> body);

  KernelBuilder &k;
  int64_t filters;
};

/// Stores weights [first, first + rows) of the vector of filters that begins
/// with `filter` into a gradient [filter][weight]. Row i has weight first + i of
/// each filter; there are up to as many rows as lanes. Element by element, each
/// would write to a cache line of its own; lines of wide filters share a few
/// sets of the cache.
void storeWeights(KernelBuilder &k, llvm::ArrayRef<mlir::Value> rows,
                  mlir::Value gradient, mlir::Value filter, mlir::Value first);

} // namespace gradmill::nn
