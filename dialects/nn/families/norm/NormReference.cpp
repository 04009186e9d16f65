// Batch normalization in naive loops, two passes for the variance.
#include "Norm.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

namespace {
// Elements of [N, C, ...] by channel.
struct Channels {
  explicit Channels(const RefTensor &x)
      : count(x.dim(1)), space(x.data.size() / (x.dim(0) * count)),
        perChannel(x.dim(0) * space) {}
  int64_t of(size_t i) const { return i / space % count; }
  int64_t count, space, perChannel;
};

// Sums in more than double precision. Thousands of equal elements (relu's
// zeros, and values derived from them) round alike, and their errors add up to
// more than those of a kernel, whose sums are short.
void moments(const RefTensor &x, std::vector<double> &mean,
             std::vector<double> &squares) {
  Channels ch(x);
  std::vector<long double> sum(ch.count, 0), squared(ch.count, 0);
  for (size_t i = 0; i < x.data.size(); ++i)
    sum[ch.of(i)] += x.data[i];
  for (long double total : sum)
    mean.push_back(double(total / ch.perChannel));
  for (size_t i = 0; i < x.data.size(); ++i)
    squared[ch.of(i)] += std::pow(x.data[i] - mean[ch.of(i)], 2);
  squares.assign(squared.begin(), squared.end());
}

// results: mean, rstd, new running mean, new running variance
void batchStats(const RefTensor &x, const RefTensor &runningMean,
                const RefTensor &runningVar, double eps, double momentum,
                MutableArrayRef<RefTensor> out) {
  Channels ch(x);
  std::vector<double> mean, squares;
  moments(x, mean, squares);
  for (int64_t c = 0; c < ch.count; ++c) {
    out[0].data[c] = mean[c];
    out[1].data[c] = 1 / std::sqrt(squares[c] / ch.perChannel + eps);
    out[2].data[c] = (1 - momentum) * runningMean.data[c] + momentum * mean[c];
    out[3].data[c] =
        (1 - momentum) * runningVar.data[c] +
        momentum * squares[c] / std::max<double>(ch.perChannel - 1, 1);
  }
}
} // namespace

LogicalResult BatchNormOp::evaluate(ArrayRef<const RefTensor *> in,
                                    MutableArrayRef<RefTensor> out) {
  Channels ch(*in[0]);
  for (size_t i = 0; i < in[0]->data.size(); ++i) {
    int64_t c = ch.of(i);
    out[0].data[i] =
        (in[0]->data[i] - in[3]->data[c]) /
            std::sqrt(in[4]->data[c] + getEps().convertToDouble()) *
            in[1]->data[c] +
        in[2]->data[c];
  }
  return success();
}

LogicalResult BatchNormTrainOp::evaluate(ArrayRef<const RefTensor *> in,
                                         MutableArrayRef<RefTensor> out) {
  Channels ch(*in[0]);
  batchStats(*in[0], *in[3], *in[4], getEps().convertToDouble(),
             getMomentum().convertToDouble(), out.drop_front());
  for (size_t i = 0; i < in[0]->data.size(); ++i) {
    int64_t c = ch.of(i);
    out[0].data[i] =
        (in[0]->data[i] - out[1].data[c]) * out[2].data[c] * in[1]->data[c] +
        in[2]->data[c];
  }
  return success();
}

LogicalResult BatchStatsOp::evaluate(ArrayRef<const RefTensor *> in,
                                     MutableArrayRef<RefTensor> out) {
  batchStats(*in[0], *in[1], *in[2], getEps().convertToDouble(),
             getMomentum().convertToDouble(), out);
  return success();
}

LogicalResult ScaleShiftOp::evaluate(ArrayRef<const RefTensor *> in,
                                     MutableArrayRef<RefTensor> out) {
  for (size_t c = 0; c < in[0]->data.size(); ++c) {
    out[0].data[c] = in[1]->data[c] * in[2]->data[c];
    out[1].data[c] = in[3]->data[c] - in[0]->data[c] * out[0].data[c];
  }
  return success();
}

LogicalResult RstdOp::evaluate(ArrayRef<const RefTensor *> in,
                               MutableArrayRef<RefTensor> out) {
  for (size_t c = 0; c < in[0]->data.size(); ++c)
    out[0].data[c] = 1 / std::sqrt(in[0]->data[c] + getEps().convertToDouble());
  return success();
}

LogicalResult ChannelAffineOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  Channels ch(*in[0]);
  for (size_t i = 0; i < in[0]->data.size(); ++i)
    out[0].data[i] =
        in[0]->data[i] * in[1]->data[ch.of(i)] + in[2]->data[ch.of(i)];
  return success();
}

LogicalResult
BatchNormBackwardSumsOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  Channels ch(*in[0]);
  std::vector<long double> weight(in[2]->data.size()), bias(weight.size());
  for (size_t i = 0; i < in[0]->data.size(); ++i) {
    int64_t c = ch.of(i);
    double xhat = (in[1]->data[i] - in[2]->data[c]) * in[3]->data[c];
    weight[c] += in[0]->data[i] * xhat;
    bias[c] += in[0]->data[i];
  }
  llvm::copy(weight, out[0].data.begin());
  llvm::copy(bias, out[1].data.begin());
  return success();
}

LogicalResult
BatchNormBackwardInputOp::evaluate(ArrayRef<const RefTensor *> in,
                                   MutableArrayRef<RefTensor> out) {
  Channels ch(*in[0]);
  for (size_t i = 0; i < in[0]->data.size(); ++i) {
    int64_t c = ch.of(i);
    double mean = in[2]->data[c], rstd = in[3]->data[c],
           weight = in[4]->data[c];
    double xhat = (in[1]->data[i] - mean) * rstd;
    out[0].data[i] = weight * rstd *
                     (in[0]->data[i] - in[6]->data[c] / ch.perChannel -
                      xhat * in[5]->data[c] / ch.perChannel);
  }
  return success();
}

LogicalResult
BatchNormBackwardCoefficientsOp::evaluate(ArrayRef<const RefTensor *> in,
                                          MutableArrayRef<RefTensor> out) {
  double n = getCount().convertToDouble();
  for (size_t c = 0; c < in[0]->data.size(); ++c) {
    double rstd = in[0]->data[c], a = in[1]->data[c] * rstd;
    out[0].data[c] = a;
    out[1].data[c] = -a * rstd * in[2]->data[c] / n;
    out[2].data[c] = -a * in[3]->data[c] / n;
  }
  return success();
}

LogicalResult ChannelCombineOp::evaluate(ArrayRef<const RefTensor *> in,
                                         MutableArrayRef<RefTensor> out) {
  Channels ch(*in[0]);
  for (size_t i = 0; i < in[0]->data.size(); ++i) {
    int64_t c = ch.of(i);
    out[0].data[i] = in[0]->data[i] * in[3]->data[c] +
                     (in[1]->data[i] - in[2]->data[c]) * in[4]->data[c] +
                     in[5]->data[c];
  }
  return success();
}
