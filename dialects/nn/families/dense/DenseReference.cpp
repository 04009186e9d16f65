// Linear layers in naive loops: the truth for DenseLowering.cpp.
#include "Dense.h"

using namespace mlir;
using namespace gradmill::nn;

// All three linear ops visit the same (n, o, i); they differ in what they sum.
static void
forEachProduct(int64_t batch, int64_t outputs, int64_t inputs,
               llvm::function_ref<void(int64_t, int64_t, int64_t)> visit) {
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t i = 0; i < inputs; ++i)
        visit(n, o, i);
}

LogicalResult LinearOp::evaluate(ArrayRef<const RefTensor *> in,
                                 MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0], &w = *in[1];
  RefTensor &y = out[0];
  if (getBias())
    for (size_t k = 0; k < y.data.size(); ++k)
      y.data[k] = in[2]->data[k % w.dim(0)];
  forEachProduct(x.dim(0), w.dim(0), w.dim(1),
                 [&](int64_t n, int64_t o, int64_t i) {
                   y.at({n, o}) += x.at({n, i}) * w.at({o, i});
                 });
  return success();
}

LogicalResult LinearBackwardDataOp::evaluate(ArrayRef<const RefTensor *> in,
                                             MutableArrayRef<RefTensor> out) {
  const RefTensor &dy = *in[0], &w = *in[1];
  forEachProduct(dy.dim(0), w.dim(0), w.dim(1),
                 [&](int64_t n, int64_t o, int64_t i) {
                   out[0].at({n, i}) += dy.at({n, o}) * w.at({o, i});
                 });
  return success();
}

LogicalResult
LinearBackwardWeightsOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0], &dy = *in[1];
  forEachProduct(x.dim(0), dy.dim(1), x.dim(1),
                 [&](int64_t n, int64_t o, int64_t i) {
                   out[0].at({o, i}) += dy.at({n, o}) * x.at({n, i});
                 });
  return success();
}
