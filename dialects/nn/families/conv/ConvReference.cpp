// Convolution and its adjoints in naive loops: the truth for ConvLowering.cpp.
// All three visit the same (n, f, i, j, c, p, q); they differ in what they sum.
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

static void forEachTap(const ConvShape &s, llvm::function_ref<void(const Tap &)> visit) {
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
                visit({n, f, i, j, c, p, q, group * s.groupChannels() + c, h, w});
              }
}

LogicalResult Conv2DOp::evaluate(ArrayRef<const RefTensor *> in,
                                 MutableArrayRef<RefTensor> out) {
  ConvShape s = shapeOf(*this);
  const RefTensor &x = *in[0], &w = *in[1];
  forEachTap(s, [&](const Tap &t) {
    out[0].at({t.n, t.f, t.i, t.j}) += x.at({t.n, t.xc, t.h, t.w}) * w.at({t.f, t.c, t.p, t.q});
  });
  if (getBias())
    for (size_t i = 0; i < out[0].data.size(); ++i)
      out[0].data[i] += in[2]->data[i / (s.out[0] * s.out[1]) % s.filters];
  return success();
}

LogicalResult Conv2DPackFilterOp::evaluate(ArrayRef<const RefTensor *> in,
                                           MutableArrayRef<RefTensor> out) {
  PackedFilter packed(cast<RankedTensorType>(getFilter().getType()).getShape(), getGroups(),
                      getWidth());
  const RefTensor &w = *in[0];
  for (int64_t f = 0; f < w.dim(0); ++f)
    for (int64_t c = 0; c < w.dim(1); ++c)
      for (int64_t p = 0; p < w.dim(2); ++p)
        for (int64_t q = 0; q < w.dim(3); ++q)
          out[0].at({p, q, packed.channelOf(f, c), f}) = w.at({f, c, p, q});
  return success();
}

LogicalResult Conv2DChannelsOp::evaluate(ArrayRef<const RefTensor *> in,
                                         MutableArrayRef<RefTensor> out) {
  ConvShape s = shapeOf(*this);
  PackedFilter packed({s.filters, s.groupChannels(), s.kernel[0], s.kernel[1]}, s.groups,
                      lanesOf(getType()));
  forEachTap(s, [&](const Tap &t) {
    out[0].at({t.n, t.f, t.i, t.j}) +=
        in[0]->at({t.n, t.xc, t.h, t.w}) * in[1]->at({t.p, t.q, packed.channelOf(t.f, t.c), t.f});
  });
  if (getBias())
    for (size_t i = 0; i < out[0].data.size(); ++i)
      out[0].data[i] += in[2]->data[i / (s.out[0] * s.out[1]) % s.filters];
  return success();
}

LogicalResult Conv2DBackwardDataOp::evaluate(ArrayRef<const RefTensor *> in,
                                             MutableArrayRef<RefTensor> out) {
  const RefTensor &dy = *in[0], &w = *in[1];
  forEachTap(shapeOf(*this), [&](const Tap &t) {
    out[0].at({t.n, t.xc, t.h, t.w}) += dy.at({t.n, t.f, t.i, t.j}) * w.at({t.f, t.c, t.p, t.q});
  });
  return success();
}

LogicalResult Conv2DBackwardWeightsOp::evaluate(ArrayRef<const RefTensor *> in,
                                                MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0], &dy = *in[1];
  forEachTap(shapeOf(*this), [&](const Tap &t) {
    out[0].at({t.f, t.c, t.p, t.q}) += dy.at({t.n, t.f, t.i, t.j}) * x.at({t.n, t.xc, t.h, t.w});
  });
  return success();
}
