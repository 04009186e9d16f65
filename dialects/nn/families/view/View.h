// Views: ops that move elements. The meaning of their attributes, for shapes,
// gradients, loops and references.
#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "View.h.inc"

namespace gradmill::nn {

/// The part of one axis that a slice takes, counted from 0 and clipped:
/// elements start, start + stride, ..., `count` of them.
struct AxisSlice {
  int64_t axis, start, count, stride;
  bool isWhole(int64_t size) const {
    return start == 0 && stride == 1 && count == size;
  }
};

/// For a verified op; axes that do not change are left out.
llvm::SmallVector<AxisSlice> slicesOf(SliceOp op);

/// What a pad adds along one axis, for the axes with padding.
struct AxisPad {
  int64_t axis, low, high;
};
llvm::SmallVector<AxisPad> padsOf(PaddingOp op);

/// The axis of a concat, from 0.
int64_t axisOf(ConcatOp op);

/// The attribute `shape` that turns `from` into `to`; 0 for the batch.
llvm::SmallVector<int64_t> reshapeTo(mlir::RankedTensorType from,
                                     mlir::RankedTensorType to);

} // namespace gradmill::nn
