#include "nn/LongSum.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace gradmill::nn {

// The terms of a block.
constexpr int64_t kBlock = 256;

int64_t sumBlock(ArrayRef<int64_t> counts, unsigned i) {
  int64_t inside = 1, all = 1;
  for (auto [loop, count] : llvm::enumerate(counts)) {
    all *= count;
    inside *= loop > i ? count : 1;
  }
  return all <= kLongSum || inside >= kBlock
             ? counts[i]
             : std::min(counts[i], kBlock / inside);
}

SmallVector<Value> sumInBlocks(
    KernelBuilder &k, int64_t count, int64_t block, ValueRange soFar,
    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  if (block >= count)
    return k.reduce(k.index(0), k.index(count), 1, soFar, body);
  auto addBlock = [&](Value first, int64_t size, ValueRange before) {
    SmallVector<Value> zeros;
    for (Value sum : before)
      zeros.push_back(k.constant(sum.getType(), 0));
    SmallVector<Value> sums = k.reduce(k.index(0), k.index(size), 1, zeros,
                                       [&](Value i, ValueRange inner) {
                                         return body(k.add(first, i), inner);
                                       });
    for (auto [sum, before] : llvm::zip_equal(sums, before))
      sum = arith::AddFOp::create(k.b, k.loc, before, sum);
    return sums;
  };
  int64_t whole = count / block * block;
  SmallVector<Value> sums =
      k.reduce(k.index(0), k.index(whole), block, soFar,
               [&](Value first, ValueRange before) {
                 return addBlock(first, block, before);
               });
  return whole < count ? addBlock(k.index(whole), count - whole, sums) : sums;
}

} // namespace gradmill::nn
