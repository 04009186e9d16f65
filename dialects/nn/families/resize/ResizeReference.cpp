// Resizing and its adjoint in naive loops: the reference for
// ResizeLowering.cpp.
#include "Resize.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

namespace {
/// A pixel that an output reads along an axis, and its weight.
struct Tap {
  int64_t at;
  double weight;
};
} // namespace

static SmallVector<Tap, 2> tapsOf(const ResizeShape &s, int axis, int64_t o) {
  int64_t last = s.in[axis] - 1;
  if (s.keeps(axis))
    return {{o, 1}};
  if (!s.bilinear)
    return {{std::min(int64_t(float(o) * float(s.ratio[axis])), last), 1}};
  double at = s.alignCorners
                  ? double(o) * s.ratio[axis]
                  : std::fmax(0, (double(o) + 0.5) * s.ratio[axis] - 0.5);
  int64_t first = std::min(int64_t(at), last);
  double beyond = std::fmin(at - double(first), 1);
  return {{first, 1 - beyond}, {std::min(first + 1, last), beyond}};
}

// Visits all pixels that an output reads; `visit(output, input, weight)`.
static void forEachTap(
    const ResizeShape &s,
    llvm::function_ref<void(ArrayRef<int64_t>, ArrayRef<int64_t>, double)>
        visit) {
  for (int64_t n = 0; n < s.batch; ++n)
    for (int64_t c = 0; c < s.channels; ++c)
      for (int64_t i = 0; i < s.out[0]; ++i)
        for (int64_t j = 0; j < s.out[1]; ++j)
          for (const Tap &row : tapsOf(s, 0, i))
            for (const Tap &column : tapsOf(s, 1, j))
              visit({n, c, i, j}, {n, c, row.at, column.at},
                    row.weight * column.weight);
}

LogicalResult Resize2DOp::evaluate(ArrayRef<const RefTensor *> in,
                                   MutableArrayRef<RefTensor> out) {
  forEachTap(shapeOf(*this), [&](ArrayRef<int64_t> output,
                                 ArrayRef<int64_t> input, double weight) {
    out[0].at(output) += weight * in[0]->at(input);
  });
  return success();
}

LogicalResult Resize2DBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                           MutableArrayRef<RefTensor> out) {
  forEachTap(shapeOf(*this), [&](ArrayRef<int64_t> output,
                                 ArrayRef<int64_t> input, double weight) {
    out[0].at(input) += weight * in[0]->at(output);
  });
  return success();
}
