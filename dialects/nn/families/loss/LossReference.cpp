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

namespace {
// How the label of pixel i counts.
template <typename Op> struct Labels {
  Labels(Op op, const RefTensor &labels, const RefTensor &logProbs,
         const RefTensor *weights)
      : labels(labels), weights(weights), channels(logProbs.dim(1)),
        space(labels.data.size() / labels.dim(0)),
        smoothing(op.getLabelSmoothing().convertToDouble()),
        ignored(op.getIgnoreIndex()) {
    for (size_t i = 0; i < labels.data.size(); ++i)
      if (!isIgnored(i))
        divisor += !weights ? 1 : isClass(i) ? weights->data[at(i)] : 0;
  }
  int64_t at(size_t i) const { return int64_t(labels.data[i]); }
  bool isIgnored(size_t i) const { return ignored && at(i) == *ignored; }
  bool isClass(size_t i) const { return at(i) >= 0 && at(i) < channels; }
  size_t element(size_t i, int64_t c) const {
    return (i / space * channels + c) * space + i % space;
  }
  // By how much each log-probability counts in minus the loss, not divided.
  void forEach(llvm::function_ref<void(size_t, double)> visit) const {
    for (size_t i = 0; i < labels.data.size(); ++i)
      for (int64_t c = 0; c < channels && isClass(i) && !isIgnored(i); ++c) {
        double share = (c == at(i) ? 1 - smoothing : 0) + smoothing / channels;
        if (share) // an infinite one does not count
          visit(element(i, c), share * (weights ? weights->data[c] : 1));
      }
  }
  const RefTensor &labels, *weights;
  int64_t channels, space;
  double smoothing, divisor = 0;
  std::optional<int64_t> ignored;
};
} // namespace

LogicalResult NllLossOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  Labels<NllLossOp> rule(*this, *in[1], *in[0], getWeights() ? in[2] : nullptr);
  rule.forEach([&](size_t i, double share) {
    if (rule.divisor)
      out[0].data[0] -= share * in[0]->data[i] / rule.divisor;
  });
  return success();
}

LogicalResult NllLossBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                          MutableArrayRef<RefTensor> out) {
  Labels<NllLossBackwardOp> rule(*this, *in[1], *in[2],
                                 getWeights() ? in[3] : nullptr);
  rule.forEach([&](size_t i, double share) {
    if (rule.divisor)
      out[0].data[i] = -share * in[0]->data[0] / rule.divisor;
  });
  return success();
}
