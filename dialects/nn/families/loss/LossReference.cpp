// Losses in naive loops: the reference for LossLowering.cpp.
#include "Loss.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

// Visits the elements along an axis, of each line of a tensor: `visit(first,
// step, count)`.
static void
forEachLine(const RefTensor &t, int64_t axis,
            llvm::function_ref<void(int64_t, int64_t, int64_t)> visit) {
  axis += axis < 0 ? int64_t(t.shape.size()) : 0;
  int64_t count = t.dim(axis), step = 1, lines = t.data.size() / count;
  for (int64_t d : ArrayRef<int64_t>(t.shape).drop_front(axis + 1))
    step *= d;
  for (int64_t line = 0; line < lines; ++line)
    visit(line / step * count * step + line % step, step, count);
}

static void logSoftmax(const RefTensor &x, int64_t axis, RefTensor &y) {
  forEachLine(x, axis, [&](int64_t first, int64_t step, int64_t count) {
    double largest = x.data[first], sum = 0;
    for (int64_t c = 1; c < count; ++c)
      largest = std::fmax(largest, x.data[first + c * step]);
    for (int64_t c = 0; c < count; ++c)
      sum += std::exp(x.data[first + c * step] - largest);
    for (int64_t c = 0; c < count; ++c)
      y.data[first + c * step] =
          x.data[first + c * step] - largest - std::log(sum);
  });
}

LogicalResult LogSoftmaxOp::evaluate(ArrayRef<const RefTensor *> in,
                                     MutableArrayRef<RefTensor> out) {
  logSoftmax(*in[0], getAxis(), out[0]);
  return success();
}

LogicalResult SoftmaxOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  logSoftmax(*in[0], getAxis(), out[0]);
  for (double &y : out[0].data)
    y = std::exp(y);
  return success();
}

LogicalResult LogSoftmaxBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                             MutableArrayRef<RefTensor> out) {
  const std::vector<double> &dy = in[0]->data, &y = in[1]->data;
  forEachLine(*in[0], getAxis(),
              [&](int64_t first, int64_t step, int64_t count) {
                double sum = 0;
                for (int64_t i = first; i < first + count * step; i += step)
                  sum += dy[i];
                for (int64_t i = first; i < first + count * step; i += step)
                  out[0].data[i] = dy[i] - std::exp(y[i]) * sum;
              });
  return success();
}

LogicalResult SoftmaxBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                          MutableArrayRef<RefTensor> out) {
  const std::vector<double> &dy = in[0]->data, &y = in[1]->data;
  forEachLine(*in[0], getAxis(),
              [&](int64_t first, int64_t step, int64_t count) {
                double sum = 0;
                for (int64_t i = first; i < first + count * step; i += step)
                  sum += dy[i] * y[i];
                for (int64_t i = first; i < first + count * step; i += step)
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
  // The factor of each log-probability in minus the loss, before the division.
  void forEach(llvm::function_ref<void(size_t, double)> visit) const {
    for (size_t i = 0; i < labels.data.size(); ++i)
      for (int64_t c = 0; c < channels && isClass(i) && !isIgnored(i); ++c) {
        double share = (c == at(i) ? 1 - smoothing : 0) + smoothing / channels;
        if (share) // an infinite one with factor 0 does not count
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
