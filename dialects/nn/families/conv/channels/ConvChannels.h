// Code that the convolutions with channels in the lanes share.
#pragma once
#include "Conv.h"
#include "channels/ConvChannelsSchedule.h"

namespace gradmill::nn {

/// Folds `body(i, sums)` over [0, count), a few steps per iteration of the
/// loop.
inline llvm::SmallVector<mlir::Value> foldUnrolled(
    KernelBuilder &k, int64_t count, mlir::ValueRange init,
    llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value,
                                                      mlir::ValueRange)>
        body) {
  using Values = llvm::SmallVector<mlir::Value>;
  int64_t step = count <= kUnrollWhole ? count : kUnrollTaps,
          whole = count / step * step;
  auto unrolled = [&](mlir::Value first, int64_t n, mlir::ValueRange carried) {
    Values sums(carried);
    for (int64_t i = 0; i < n; ++i)
      sums = body(k.add(first, i), sums);
    return sums;
  };
  Values sums = k.reduce(k.index(0), k.index(whole), step, init,
                         [&](mlir::Value i, mlir::ValueRange carried) {
                           return unrolled(i, step, carried);
                         });
  return unrolled(k.index(whole), count - whole, sums);
}

/// For verifiers ([conv2d_c10]): the lanes of a vector; and what an op on a
/// packed filter reads and writes, given the filter and the shape of its packed
/// form.
mlir::LogicalResult checkWidth(std::optional<mlir::Location> loc,
                               int64_t width);
mlir::LogicalResult checkChannelsConv(mlir::Operation *op,
                                      mlir::RankedTensorType filter,
                                      mlir::RankedTensorType packed,
                                      llvm::ArrayRef<int64_t> expected,
                                      const ConvWindow &window);

/// Estimated cycles for an image with the batch in vectors of `width`;
/// `single`: in f32.
double convLanesCycles(const ConvShape &s, int64_t width, Accuracy accuracy,
                       bool single);

/// Replaces a convolution by its Winograd form if the schedule expects that to
/// be faster than the direct one. Fails if there is no such form.
mlir::LogicalResult toWinogradChannels(Conv2DOp op,
                                       mlir::RewriterBase &rewriter,
                                       int64_t width, Accuracy accuracy);

} // namespace gradmill::nn
