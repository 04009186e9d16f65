// Pooling and its adjoints in naive loops: the reference for PoolLowering.cpp.
#include "Pool.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace gradmill::nn;

namespace {
struct Output {
  int64_t n, c, i, j;
};
/// Input pixels of a window that lie inside the input, in row-major order.
using Pixels = SmallVector<std::array<int64_t, 2>>;
} // namespace

static void
forEachWindow(const PoolShape &s,
              llvm::function_ref<void(const Output &, const Pixels &)> visit) {
  for (int64_t n = 0; n < s.batch; ++n)
    for (int64_t c = 0; c < s.channels; ++c)
      for (int64_t i = 0; i < s.out[0]; ++i)
        for (int64_t j = 0; j < s.out[1]; ++j) {
          Pixels pixels;
          for (int64_t p = 0; p < s.kernel[0]; ++p)
            for (int64_t q = 0; q < s.kernel[1]; ++q) {
              int64_t h = i * s.stride[0] + p * s.dilation[0] - s.padding[0];
              int64_t w = j * s.stride[1] + q * s.dilation[1] - s.padding[1];
              if (h >= 0 && h < s.in[0] && w >= 0 && w < s.in[1])
                pixels.push_back({h, w});
            }
          visit({n, c, i, j}, pixels);
        }
}

// The pixel of the maximum: the first one, or the last NaN. Null if empty.
static const std::array<int64_t, 2> *
findMaximum(const RefTensor &x, const Output &o, const Pixels &pixels) {
  const std::array<int64_t, 2> *best = nullptr;
  for (const auto &p : pixels) {
    double value = x.at({o.n, o.c, p[0], p[1]});
    if (!best || value > x.at({o.n, o.c, (*best)[0], (*best)[1]}) ||
        std::isnan(value))
      best = &p;
  }
  return best;
}

LogicalResult MaxPool2DOp::evaluate(ArrayRef<const RefTensor *> in,
                                    MutableArrayRef<RefTensor> out) {
  forEachWindow(shapeOf(*this), [&](const Output &o, const Pixels &pixels) {
    const auto *p = findMaximum(*in[0], o, pixels);
    out[0].at({o.n, o.c, o.i, o.j}) =
        p ? in[0]->at({o.n, o.c, (*p)[0], (*p)[1]})
          : -std::numeric_limits<double>::infinity();
  });
  return success();
}

LogicalResult MaxPool2DBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                            MutableArrayRef<RefTensor> out) {
  forEachWindow(shapeOf(*this), [&](const Output &o, const Pixels &pixels) {
    if (const auto *p = findMaximum(*in[1], o, pixels))
      out[0].at({o.n, o.c, (*p)[0], (*p)[1]}) +=
          in[0]->at({o.n, o.c, o.i, o.j});
  });
  return success();
}

// The pixels inside the input, or those of the padded input.
template <typename Op>
static double divisor(Op op, const PoolShape &s, const Output &o,
                      const Pixels &pixels) {
  if (!op.getCountIncludePad())
    return double(pixels.size());
  auto extent = [&](int axis, int64_t output) {
    int64_t begin = output * s.stride[axis] - s.padding[axis];
    return std::min(begin + s.kernel[axis], s.in[axis] + s.paddingEnd[axis]) -
           begin;
  };
  return double(extent(0, o.i) * extent(1, o.j));
}

LogicalResult AvgPool2DOp::evaluate(ArrayRef<const RefTensor *> in,
                                    MutableArrayRef<RefTensor> out) {
  PoolShape s = shapeOf(*this);
  forEachWindow(s, [&](const Output &o, const Pixels &pixels) {
    double sum = 0;
    for (auto [h, w] : pixels)
      sum += in[0]->at({o.n, o.c, h, w});
    out[0].at({o.n, o.c, o.i, o.j}) = sum / divisor(*this, s, o, pixels);
  });
  return success();
}

LogicalResult AvgPool2DBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                            MutableArrayRef<RefTensor> out) {
  PoolShape s = shapeOf(*this);
  forEachWindow(s, [&](const Output &o, const Pixels &pixels) {
    for (auto [h, w] : pixels)
      out[0].at({o.n, o.c, h, w}) +=
          in[0]->at({o.n, o.c, o.i, o.j}) / divisor(*this, s, o, pixels);
  });
  return success();
}

LogicalResult GlobalAvgPoolOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  int64_t pixels = in[0]->dim(2) * in[0]->dim(3);
  for (size_t o = 0; o < out[0].data.size(); ++o) {
    long double sum = 0; // double would drift over thousands of equal pixels
    for (int64_t i = 0; i < pixels; ++i)
      sum += in[0]->data[o * pixels + i];
    out[0].data[o] = double(sum / pixels);
  }
  return success();
}

LogicalResult
GlobalAvgPoolBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  int64_t pixels = out[0].dim(2) * out[0].dim(3);
  for (size_t i = 0; i < out[0].data.size(); ++i)
    out[0].data[i] = in[0]->data[i / pixels] / pixels;
  return success();
}

// Output o is the mean of pixels [first, second) of an axis.
static std::pair<int64_t, int64_t> adaptiveWindow(const PoolShape &s, int axis,
                                                  int64_t o) {
  return {o * s.in[axis] / s.out[axis],
          ((o + 1) * s.in[axis] + s.out[axis] - 1) / s.out[axis]};
}

static void forEachAdaptive(
    const PoolShape &s,
    llvm::function_ref<void(const Output &, int64_t h, int64_t w, double count)>
        visit) {
  for (int64_t n = 0; n < s.batch; ++n)
    for (int64_t c = 0; c < s.channels; ++c)
      for (int64_t i = 0; i < s.out[0]; ++i)
        for (int64_t j = 0; j < s.out[1]; ++j) {
          auto [top, bottom] = adaptiveWindow(s, 0, i);
          auto [left, right] = adaptiveWindow(s, 1, j);
          for (int64_t h = top; h < bottom; ++h)
            for (int64_t w = left; w < right; ++w)
              visit({n, c, i, j}, h, w,
                    double((bottom - top) * (right - left)));
        }
}

LogicalResult AdaptiveAvgPool2DOp::evaluate(ArrayRef<const RefTensor *> in,
                                            MutableArrayRef<RefTensor> out) {
  forEachAdaptive(
      shapeOf(*this), [&](const Output &o, int64_t h, int64_t w, double count) {
        out[0].at({o.n, o.c, o.i, o.j}) += in[0]->at({o.n, o.c, h, w}) / count;
      });
  return success();
}

LogicalResult
AdaptiveAvgPool2DBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                      MutableArrayRef<RefTensor> out) {
  forEachAdaptive(
      shapeOf(*this), [&](const Output &o, int64_t h, int64_t w, double count) {
        out[0].at({o.n, o.c, h, w}) += in[0]->at({o.n, o.c, o.i, o.j}) / count;
      });
  return success();
}
