#include "nn/Axes.h"

using namespace mlir;

namespace gradmill::nn {

FailureOr<int64_t> axisOf(std::optional<Location> loc, StringRef label,
                          RankedTensorType type, int64_t axis) {
  int64_t rank = type.getRank();
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  return violated(loc, label, "axis is ", axis, ", but the tensor, ",
                  shapeText(type.getShape()), ", has ", rank, " dimensions");
}

FailureOr<SmallVector<int64_t>> axesOf(std::optional<Location> loc,
                                       StringRef label, RankedTensorType type,
                                       ArrayRef<int64_t> axes) {
  SmallVector<int64_t> result;
  for (int64_t given : axes) {
    FailureOr<int64_t> axis = axisOf(loc, label, type, given);
    if (failed(axis))
      return failure();
    if (llvm::is_contained(result, *axis))
      return violated(loc, label, "axis ", given, " is named twice");
    result.push_back(*axis);
  }
  llvm::sort(result);
  return result;
}

LogicalResult checkKeepsBatch(std::optional<Location> loc, StringRef label,
                              RankedTensorType type, int64_t axis,
                              StringRef does) {
  if (!isOpen(type, axis))
    return success();
  return violated(loc, label, "the op ", does, " dimension ", axis, " of ",
                  shapeText(type.getShape()),
                  ", which is the batch: a sample's result must not depend on "
                  "other samples");
}

std::optional<SmallVector<int64_t>> broadcastShape(ArrayRef<int64_t> a,
                                                   ArrayRef<int64_t> b) {
  size_t rank = std::max(a.size(), b.size());
  SmallVector<int64_t> shape(rank);
  for (size_t i = 0; i < rank; ++i) {
    // From behind.
    int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1,
            y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1)
      return std::nullopt;
    shape[rank - 1 - i] = x == 1 ? y : x;
  }
  return shape;
}

} // namespace gradmill::nn
