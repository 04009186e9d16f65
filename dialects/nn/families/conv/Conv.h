#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "Conv.h.inc"

namespace gradmill::nn {

/// Pairs (output, tap) of an axis that meet inside the input. Negative padding
/// crops.
inline int64_t tapsInside(int64_t in, int64_t out, int64_t kernel,
                          int64_t padding, int64_t stride = 1,
                          int64_t dilation = 1) {
  int64_t count = 0;
  for (int64_t k = 0; k < kernel; ++k) {
    // Outputs o with 0 <= o*stride + shift < in.
    int64_t shift = k * dilation - padding;
    int64_t lo = shift < 0 ? (-shift + stride - 1) / stride : 0;
    int64_t hi = in > shift ? (in - 1 - shift) / stride + 1 : 0;
    count += std::max<int64_t>(std::min(hi, out) - lo, 0);
  }
  return count;
}

/// How a convolution walks over its input, by its attributes; unchecked. Of
/// four paddings the last two are those below and on the right. With two they
/// are the same.
struct ConvWindow {
  llvm::ArrayRef<int64_t> stride, padding, dilation;
  int64_t groups;

  int64_t paddingEnd(int axis) const {
    return padding.size() == 4 ? padding[2 + axis] : padding[axis];
  }
};
template <typename Op> ConvWindow convWindowOf(Op op) { // or adaptor
  return {op.getStride(), op.getPadding(), op.getDilation(),
          int64_t(op.getGroups())};
}
/// [N, C, H, W] and [F, C/groups, KH, KW] to [N, F, OH, OW], after all checks:
/// for the op itself, and for everything derived from it.
mlir::LogicalResult inferConvShape(std::optional<mlir::Location> loc,
                                   mlir::RankedTensorType input,
                                   mlir::RankedTensorType filter,
                                   const ConvWindow &window,
                                   llvm::SmallVectorImpl<int64_t> &shape);
/// Of a convolution, by the size of its filter.
LayerKind kindOfFilter(mlir::RankedTensorType filter, bool mixesChannels);
/// A bias, if there is one, is [F].
mlir::LogicalResult checkBias(std::optional<mlir::Location> loc,
                              mlir::Value bias, mlir::RankedTensorType input,
                              int64_t filters);

/// The geometry of a convolution, seen from its forward op. Pairs are (height,
/// width). `padding` is that above and on the left. The padding below and on
/// the right follows from `out`.
struct ConvShape {
  int64_t batch, channels, filters, groups;
  std::array<int64_t, 2> in, out, kernel, stride, padding, dilation;

  int64_t groupChannels() const { return channels / groups; }
  int64_t groupFilters() const { return filters / groups; }
  /// Over all outputs of an axis; nothing is multiplied by padding.
  int64_t tapsInside(int axis) const {
    return nn::tapsInside(in[axis], out[axis], kernel[axis], padding[axis],
                          stride[axis], dilation[axis]);
  }
  /// How much of the input's axis, with padding, a number of neighbouring
  /// outputs sees.
  int64_t inputSpan(int axis, int64_t outputs) const {
    return (outputs - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] +
           1;
  }
  /// Whether an output sees padding along the axis.
  bool leavesImage(int axis) const {
    return padding[axis] > 0 ||
           inputSpan(axis, out[axis]) > in[axis] + padding[axis];
  }
  int64_t macs() const {
    return saturatingProduct(
        {batch, filters, groupChannels(), tapsInside(0), tapsInside(1)});
  }
  int64_t macsWithPadding() const {
    return batch * filters * groupChannels() * out[0] * out[1] * kernel[0] *
           kernel[1];
  }
  /// 3x3, stride and dilation 1, one group.
  bool hasWinogradForm() const {
    constexpr std::array<int64_t, 2> three{3, 3}, one{1, 1};
    return kernel == three && stride == one && dilation == one && groups == 1;
  }
};

ConvShape shapeOf(Conv2DOp op);
ConvShape shapeOf(Conv2DBackwardDataOp op);
/// Of the two convolutions.
std::array<ConvShape, 2> shapesOf(Conv2DBackwardDataSumOp op);
ConvShape shapeOf(Conv2DBackwardWeightsOp op);
ConvShape shapeOf(Conv2DChannelsOp op);
ConvShape shapeOf(Conv2DChannelsWinogradOp op);

/// The layout that conv2d_pack_filter gives a filter [F, C/groups, KH, KW] for
/// vectors of `width` filters.
struct PackedFilter {
  enum class Form {
    Shared,   // the filters of a vector see the same channels
    Vertical, // one channel each, its own
    Embedded, // of several groups: zeros for the channels of the others
  };
  PackedFilter(llvm::ArrayRef<int64_t> filter, int64_t groups, int64_t width);

  Form form;
  int64_t filters, groupFilters, groupChannels;
  int64_t channels; // per tap
  llvm::SmallVector<int64_t, 5> shape() const {
    return {vectors, kernel[0], kernel[1], channels, width};
  }
  /// Where channel `c` of filter `f`'s group is in the packed filter.
  int64_t channelOf(int64_t f, int64_t c) const {
    return form == Form::Embedded ? f / groupFilters * groupChannels + c : c;
  }

private:
  std::array<int64_t, 2> kernel;
  int64_t vectors, width; // of filters
};
PackedFilter packedBy(Conv2DPackFilterOp op);

} // namespace gradmill::nn
