#include "nn/Transpose.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace gradmill::nn {

SmallVector<Value> transpose(Emitter &e, ArrayRef<Value> rows) {
  int64_t lanes = cast<VectorType>(rows.front().getType()).getNumElements();
  SmallVector<Value> x(rows);
  // Lane l of the result: number source(l) of a and then b.
  auto shuffle = [&](Value a, Value b,
                     llvm::function_ref<int64_t(int64_t)> source) {
    SmallVector<int64_t> mask;
    for (int64_t lane = 0; lane < lanes; ++lane)
      mask.push_back(source(lane));
    return Value(vector::ShuffleOp::create(e.b, e.loc, a, b, mask));
  };
  // Swaps the off-diagonal blocks of half x half elements, down to blocks of
  // four: shuffles of 128-bit parts.
  for (int64_t half = lanes / 2; half >= 4; half /= 2)
    for (int64_t i = 0; i < lanes; ++i) {
      if (i & half)
        continue;
      Value a = x[i], b = x[i + half];
      x[i] = shuffle(a, b, [&](int64_t lane) {
        return lane & half ? lane - half + lanes : lane;
      });
      x[i + half] = shuffle(a, b, [&](int64_t lane) {
        return lane & half ? lane + lanes : lane + half;
      });
    }
  // Blocks of four: interleaves their elements twice, within 128 bits. Every
  // target has one instruction for this.
  auto interleave = [&](Value a, Value b, int64_t half) {
    return shuffle(a, b, [&](int64_t lane) {
      return lane / 4 * 4 + half * 2 + lane % 4 / 2 + lane % 2 * lanes;
    });
  };
  for (int64_t i = 0; i < lanes; i += 4)
    for (int64_t stage = 0; stage < 2; ++stage) {
      Value a = x[i], b = x[i + 1], c = x[i + 2], d = x[i + 3];
      x[i] = interleave(a, c, 0);
      x[i + 1] = interleave(a, c, 1);
      x[i + 2] = interleave(b, d, 0);
      x[i + 3] = interleave(b, d, 1);
    }
  return x;
}

} // namespace gradmill::nn
