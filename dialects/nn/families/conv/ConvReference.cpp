// Convolution and its adjoints in naive loops: the reference for
// ConvLowering.cpp. All three visit the same (n, f, i, j, c, p, q) and differ
// in what they sum.
#include "Conv.h"

using namespace mlir;
using namespace gradmill::nn;

namespace {
struct Tap {
  int64_t n, f, i, j; // output element
  int64_t c, p, q;    // filter element (c within the group)
  int64_t xc, h, w;   // input element
};
} // namespace

static void forEachTap(const ConvShape &s,
                       llvm::function_ref<void(const Tap &)> visit) {
  for (int64_t n = 0; n < s.batch; ++n)
    for (int64_t f = 0; f < s.filters; ++f)
      for (int64_t i = 0; i < s.out[0]; ++i)
        for (int64_t j = 0; j < s.out[1]; ++j)
          for (int64_t c = 0; c < s.groupChannels(); ++c)
            for (int64_t p = 0; p < s.kernel[0]; ++p)
              for (int64_t q = 0; q < s.kernel[1]; ++q) {
                int64_t h = i * s.stride[0] + p * s.dilation[0] - s.padding[0];
                int64_t w = j * s.stride[1] + q * s.dilation[1] - s.padding[1];
                if (h < 0 || h >= s.in[0] || w < 0 || w >= s.in[1])
                  continue; // zero padding
                int64_t group = f / s.groupFilters();
                visit(
                    {n, f, i, j, c, p, q, group * s.groupChannels() + c, h, w});
              }
}

LogicalResult Conv2DOp::evaluate(ArrayRef<const RefTensor *> in,
                                 MutableArrayRef<RefTensor> out) {
  ConvShape s = shapeOf(*this);
  const RefTensor &x = *in[0], &w = *in[1];
  forEachTap(s, [&](const Tap &t) {
    out[0].at({t.n, t.f, t.i, t.j}) +=
        x.at({t.n, t.xc, t.h, t.w}) * w.at({t.f, t.c, t.p, t.q});
  });
  if (getBias())
    for (size_t i = 0; i < out[0].data.size(); ++i)
      out[0].data[i] += in[2]->data[i / (s.out[0] * s.out[1]) % s.filters];
  return success();
}

LogicalResult Conv2DPackFilterOp::evaluate(ArrayRef<const RefTensor *> in,
                                           MutableArrayRef<RefTensor> out) {
  PackedFilter packed = packedBy(*this);
  const RefTensor &w = *in[0];
  int64_t width = getWidth();
  if (getTurned()) {
    for (int64_t f = 0; f < w.dim(0); ++f)
      for (int64_t c = 0; c < w.dim(1); ++c)
        for (int64_t p = 0; p < w.dim(2); ++p)
          for (int64_t q = 0; q < w.dim(3); ++q)
            out[0].at({c / width, w.dim(2) - 1 - p, w.dim(3) - 1 - q, f,
                       c % width}) = w.at({f, c, p, q});
    return success();
  }
  for (int64_t f = 0; f < w.dim(0); ++f)
    for (int64_t c = 0; c < w.dim(1); ++c)
      for (int64_t p = 0; p < w.dim(2); ++p)
        for (int64_t q = 0; q < w.dim(3); ++q)
          out[0].at({f / width, p, q, packed.channelOf(f, c), f % width}) =
              w.at({f, c, p, q});
  return success();
}

LogicalResult Conv2DChannelsOp::evaluate(ArrayRef<const RefTensor *> in,
                                         MutableArrayRef<RefTensor> out) {
  ConvShape s = shapeOf(*this);
  PackedFilter packed({s.filters, s.groupChannels(), s.kernel[0], s.kernel[1]},
                      s.groups, lanesOf(getType()));
  int64_t width = lanesOf(getType());
  forEachTap(s, [&](const Tap &t) {
    out[0].at({t.n, t.f, t.i, t.j}) +=
        in[0]->at({t.n, t.xc, t.h, t.w}) *
        in[1]->at({t.f / width, t.p, t.q, packed.channelOf(t.f, t.c),
                   t.f % width});
  });
  if (getBias())
    for (size_t i = 0; i < out[0].data.size(); ++i)
      out[0].data[i] += in[2]->data[i / (s.out[0] * s.out[1]) % s.filters];
  return success();
}

// G of F(tile x tile, 3x3), row by row: the powers of a point over the product
// of its distances to the others. The last row is for infinity.
static SmallVector<std::array<double, 3>> winogradMatrix(int64_t tile) {
  SmallVector<double> points =
      tile == 2 ? SmallVector<double>{0, 1, -1}
                : SmallVector<double>{0, 0.625, -0.625, 1.5, -1.5};
  SmallVector<std::array<double, 3>> rows;
  for (double p : points) {
    double distances = 1;
    for (double q : points)
      if (q != p)
        distances *= p - q;
    rows.push_back({1 / distances, p / distances, p * p / distances});
  }
  if (tile == 2) // by convention
    rows[0][0] = 1;
  rows.push_back({0, 0, 1});
  return rows;
}

LogicalResult
Conv2DChannelsWinogradFilterOp::evaluate(ArrayRef<const RefTensor *> in,
                                         MutableArrayRef<RefTensor> out) {
  auto matrix = winogradMatrix(getTile());
  const RefTensor &w = *in[0];
  int64_t size = matrix.size(), width = getWidth();
  for (int64_t f = 0; f < w.dim(0); ++f)
    for (int64_t c = 0; c < w.dim(1); ++c)
      for (int64_t i = 0; i < size; ++i)
        for (int64_t j = 0; j < size; ++j)
          for (int64_t p = 0; p < 3; ++p)
            for (int64_t q = 0; q < 3; ++q)
              if (getTurned())
                out[0].at({i * size + j, c / width, f, c % width}) +=
                    matrix[i][p] * w.at({f, c, 2 - p, 2 - q}) * matrix[j][q];
              else
                out[0].at({i * size + j, f / width, c, f % width}) +=
                    matrix[i][p] * w.at({f, c, p, q}) * matrix[j][q];
  return success();
}

// Reads the filter back from its transform: the first and the last row of G
// hold the outer taps alone, the second row all three.
LogicalResult
Conv2DChannelsWinogradOp::evaluate(ArrayRef<const RefTensor *> in,
                                   MutableArrayRef<RefTensor> out) {
  auto matrix = winogradMatrix(getTile());
  int64_t last = matrix.size() - 1, rows[3] = {0, 1, last},
          width = in[1]->dim(3);
  auto back = [&](const double (&u)[3]) {
    double g0 = u[0] / matrix[0][0], g2 = u[2];
    double g1 = (u[1] - matrix[1][0] * g0 - matrix[1][2] * g2) / matrix[1][1];
    return std::array<double, 3>{g0, g1, g2};
  };
  forEachTap(shapeOf(*this), [&](const Tap &t) {
    double column[3];
    for (int i = 0; i < 3; ++i) {
      double row[3];
      for (int j = 0; j < 3; ++j)
        row[j] = in[1]->at({rows[i] * (last + 1) + rows[j], t.f / width, t.xc,
                            t.f % width});
      column[i] = back(row)[t.q];
    }
    out[0].at({t.n, t.f, t.i, t.j}) +=
        in[0]->at({t.n, t.xc, t.h, t.w}) * back(column)[t.p];
  });
  if (getBias()) {
    ConvShape s = shapeOf(*this);
    for (size_t i = 0; i < out[0].data.size(); ++i)
      out[0].data[i] += in[2]->data[i / (s.out[0] * s.out[1]) % s.filters];
  }
  return success();
}

static void addBackwardData(const ConvShape &s, const RefTensor &dy,
                            const RefTensor &w, RefTensor &dx) {
  forEachTap(s, [&](const Tap &t) {
    dx.at({t.n, t.xc, t.h, t.w}) +=
        dy.at({t.n, t.f, t.i, t.j}) * w.at({t.f, t.c, t.p, t.q});
  });
}

LogicalResult Conv2DBackwardDataOp::evaluate(ArrayRef<const RefTensor *> in,
                                             MutableArrayRef<RefTensor> out) {
  addBackwardData(shapeOf(*this), *in[0], *in[1], out[0]);
  return success();
}

LogicalResult
Conv2DBackwardDataSumOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  auto [one, other] = shapesOf(*this);
  addBackwardData(one, *in[0], *in[1], out[0]);
  addBackwardData(other, *in[2], *in[3], out[0]);
  return success();
}

LogicalResult
Conv2DBackwardWeightsOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0], &dy = *in[1];
  forEachTap(shapeOf(*this), [&](const Tap &t) {
    out[0].at({t.f, t.c, t.p, t.q}) +=
        dy.at({t.n, t.f, t.i, t.j}) * x.at({t.n, t.xc, t.h, t.w});
  });
  return success();
}
