// Linear layers in naive loops: the reference for DenseLowering.cpp.
#include "Dense.h"

using namespace mlir;
using namespace gradmill::nn;

// All three linear ops visit the same (n, o, i) of rows, outputs and inputs,
// and differ in what they sum. `y` has the outputs of each row.
static void
forEachProduct(const RefTensor &y, int64_t inputs,
               llvm::function_ref<void(int64_t, int64_t, int64_t)> visit) {
  int64_t outputs = y.shape.back(), rows = int64_t(y.data.size()) / outputs;
  for (int64_t n = 0; n < rows; ++n)
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t i = 0; i < inputs; ++i)
        visit(n, o, i);
}

LogicalResult LinearOp::evaluate(ArrayRef<const RefTensor *> in,
                                 MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0], &w = *in[1];
  RefTensor &y = out[0];
  int64_t inputs = w.dim(1), outputs = w.dim(0);
  if (getBias())
    for (size_t k = 0; k < y.data.size(); ++k)
      y.data[k] = in[2]->data[k % outputs];
  forEachProduct(y, inputs, [&](int64_t n, int64_t o, int64_t i) {
    y.data[n * outputs + o] += x.data[n * inputs + i] * w.at({o, i});
  });
  return success();
}

LogicalResult LinearBackwardDataOp::evaluate(ArrayRef<const RefTensor *> in,
                                             MutableArrayRef<RefTensor> out) {
  const RefTensor &dy = *in[0], &w = *in[1];
  int64_t inputs = w.dim(1), outputs = w.dim(0);
  forEachProduct(dy, inputs, [&](int64_t n, int64_t o, int64_t i) {
    out[0].data[n * inputs + i] += dy.data[n * outputs + o] * w.at({o, i});
  });
  return success();
}

LogicalResult
LinearBackwardWeightsOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0], &dy = *in[1];
  int64_t inputs = x.shape.back(), outputs = dy.shape.back();
  forEachProduct(dy, inputs, [&](int64_t n, int64_t o, int64_t i) {
    out[0].at({o, i}) += dy.data[n * outputs + o] * x.data[n * inputs + i];
  });
  return success();
}

//===-- With outputs in the lanes -------------------------------------------===//

LogicalResult LinearPackWeightOp::evaluate(ArrayRef<const RefTensor *> in,
                                           MutableArrayRef<RefTensor> out) {
  const RefTensor &w = *in[0];
  int64_t width = getWidth();
  for (int64_t o = 0; o < w.dim(0); ++o)
    for (int64_t i = 0; i < w.dim(1); ++i)
      out[0].at({o / width, i, o % width}) = w.at({o, i});
  return success();
}

LogicalResult LinearChannelsOp::evaluate(ArrayRef<const RefTensor *> in,
                                         MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0], &w = *in[1];
  RefTensor &y = out[0];
  int64_t inputs = w.dim(1), width = w.dim(2), outputs = y.dim(1);
  if (getBias())
    for (size_t k = 0; k < y.data.size(); ++k)
      y.data[k] = in[2]->data[k % outputs];
  forEachProduct(y, inputs, [&](int64_t n, int64_t o, int64_t i) {
    y.data[n * outputs + o] +=
        x.data[n * inputs + i] * w.at({o / width, i, o % width});
  });
  return success();
}
