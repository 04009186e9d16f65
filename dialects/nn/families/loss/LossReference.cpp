// Losses in naive loops: the truth for LossLowering.cpp.
#include "Loss.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

// Visits the elements of each pixel's channels: `visit(first, step, channels)`.
static void
forEachPixel(const RefTensor &t,
             llvm::function_ref<void(int64_t, int64_t, int64_t)> visit) {
  int64_t channels = t.dim(1), space = 1;
  for (int64_t d : ArrayRef<int64_t>(t.shape).drop_front(2))
    space *= d;
  for (int64_t n = 0; n < t.dim(0); ++n)
    for (int64_t p = 0; p < space; ++p)
      visit(n * channels * space + p, space, channels);
}

static void logSoftmax(const RefTensor &x, RefTensor &y) {
  forEachPixel(x, [&](int64_t first, int64_t step, int64_t channels) {
    double largest = x.data[first], sum = 0;
    for (int64_t c = 1; c < channels; ++c)
      largest = std::fmax(largest, x.data[first + c * step]);
    for (int64_t c = 0; c < channels; ++c)
      sum += std::exp(x.data[first + c * step] - largest);
    for (int64_t c = 0; c < channels; ++c)
      y.data[first + c * step] =
          x.data[first + c * step] - largest - std::log(sum);
  });
}

LogicalResult LogSoftmaxOp::evaluate(ArrayRef<const RefTensor *> in,
                                     MutableArrayRef<RefTensor> out) {
  logSoftmax(*in[0], out[0]);
  return success();
}

LogicalResult SoftmaxOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  logSoftmax(*in[0], out[0]);
  for (double &y : out[0].data)
    y = std::exp(y);
  return success();
}

LogicalResult LogSoftmaxBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                             MutableArrayRef<RefTensor> out) {
  const std::vector<double> &dy = in[0]->data, &y = in[1]->data;
  forEachPixel(*in[0], [&](int64_t first, int64_t step, int64_t channels) {
    double sum = 0;
    for (int64_t i = first; i < first + channels * step; i += step)
      sum += dy[i];
    for (int64_t i = first; i < first + channels * step; i += step)
      out[0].data[i] = dy[i] - std::exp(y[i]) * sum;
  });
  return success();
}

LogicalResult SoftmaxBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                          MutableArrayRef<RefTensor> out) {
  const std::vector<double> &dy = in[0]->data, &y = in[1]->data;
  forEachPixel(*in[0], [&](int64_t first, int64_t step, int64_t channels) {
    double sum = 0;
    for (int64_t i = first; i < first + channels * step; i += step)
      sum += dy[i] * y[i];
    for (int64_t i = first; i < first + channels * step; i += step)
      out[0].data[i] = y[i] * (dy[i] - sum);
  });
  return success();
}

// Calls `visit` with the element of log_probs at each valid label.
static void forEachLabel(const RefTensor &labels, const RefTensor &logProbs,
                         llvm::function_ref<void(int64_t)> visit) {
  int64_t channels = logProbs.dim(1);
  for (int64_t n = 0; n < labels.dim(0); ++n)
    if (int64_t label = labels.data[n]; label >= 0 && label < channels)
      visit(n * channels + label);
}

LogicalResult NllLossOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  forEachLabel(*in[1], *in[0], [&](int64_t i) {
    out[0].data[0] -= in[0]->data[i] / in[0]->dim(0);
  });
  return success();
}

LogicalResult NllLossBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                          MutableArrayRef<RefTensor> out) {
  forEachLabel(*in[1], *in[2], [&](int64_t i) {
    out[0].data[i] = -in[0]->data[0] / in[2]->dim(0);
  });
  return success();
}
