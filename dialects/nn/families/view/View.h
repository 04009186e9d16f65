// Views: ops that move elements. What their attributes mean, for shapes,
// gradients, loops and references alike.
#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "View.h.inc"

namespace gradmill::nn {

/// What a slice takes along one axis, with counts from 0 and nothing outside:
/// elements start, start + stride, ..., `count` of them.
struct AxisSlice {
  int64_t axis, start, count, stride;
  bool isWhole(int64_t size) const {
    return start == 0 && stride == 1 && count == size;
  }
};

/// Of an op whose constraints hold; what leaves an axis as it is is left out.
llvm::SmallVector<AxisSlice> slicesOf(SliceOp op);

/// What a pad adds along one axis; where it adds something.
struct AxisPad {
  int64_t axis, low, high;
};
llvm::SmallVector<AxisPad> padsOf(PadOp op);

/// The axis of a concat, from 0.
int64_t axisOf(ConcatOp op);

/// An attribute `shape` that makes `to` of `from`; 0 for the batch.
llvm::SmallVector<int64_t> reshapeTo(mlir::RankedTensorType from,
                                     mlir::RankedTensorType to);

} // namespace gradmill::nn
