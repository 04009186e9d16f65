#include "LossLoops.h"
#include "nn/LongSum.h"

using namespace mlir;

namespace gradmill::nn {

Value convertFloat(KernelBuilder &k, Value value, Type element) {
  unsigned from = getElementTypeOrSelf(value).getIntOrFloatBitWidth(),
           to = element.getIntOrFloatBitWidth();
  if (from == to)
    return value;
  Type type = element;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(element);
  if (from < to)
    return arith::ExtFOp::create(k.b, k.loc, type, value);
  return arith::TruncFOp::create(k.b, k.loc, type, value);
}

Value divideBy(KernelBuilder &k, Value x, Value y) {
  Value zero = k.constant(y.getType(), 0);
  Value none =
      arith::CmpFOp::create(k.b, k.loc, arith::CmpFPredicate::OEQ, y, zero);
  return arith::SelectOp::create(k.b, k.loc, none, zero,
                                 arith::DivFOp::create(k.b, k.loc, x, y));
}

SmallVector<Value>
sumNest(KernelBuilder &k, ArrayRef<int64_t> counts, TypeRange types,
        llvm::function_ref<SmallVector<Value>(ValueRange)> body) {
  SmallVector<Value> at;
  std::function<SmallVector<Value>()> sum = [&]() -> SmallVector<Value> {
    if (at.size() == counts.size())
      return body(at);
    SmallVector<Value> zeros;
    for (Type type : types)
      zeros.push_back(k.constant(type, 0));
    int64_t count = counts[at.size()];
    return sumInBlocks(k, count, sumBlock(count, 0), zeros,
                       [&](Value iv, ValueRange carried) {
                         at.push_back(iv);
                         SmallVector<Value> sums = sum();
                         at.pop_back();
                         for (auto [sum, before] : llvm::zip_equal(sums, carried))
                           sum = arith::AddFOp::create(k.b, k.loc, before, sum);
                         return sums;
                       });
  };
  return sum();
}

BatchSum::BatchSum(KernelBuilder &k, int64_t blocks, VectorType vector,
                   unsigned count)
    : k(k), blocks(blocks), tasks(KernelBuilder::taskCount(blocks)),
      vector(vector) {
  for (unsigned i = 0; i < count; ++i)
    partials.push_back(k.scratch(MemRefType::get({tasks}, vector)));
}

void BatchSum::run(llvm::function_ref<SmallVector<Value>(Value)> body) {
  Value zero = k.constant(vector, 0);
  k.forEachTask(blocks, [&](Value task, Value begin, Value end) {
    for (Value partial : partials)
      k.store(zero, partial, {task});
    k.loopBlocks(begin, end, [&](Value block) {
      for (auto [sum, partial] : llvm::zip_equal(body(block), partials)) {
        Value before = k.load(partial, {task});
        k.store(
            arith::AddFOp::create(k.b, k.loc, before, k.present(sum, block)),
            partial, {task});
      }
    });
  });
}

Value BatchSum::total(unsigned i, Type element) {
  Value zero = k.constant(vector.clone(element), 0);
  auto combine = [&](Value task, ValueRange carried) -> SmallVector<Value> {
    Value part = convertFloat(k, k.load(partials[i], {task}), element);
    return {arith::AddFOp::create(k.b, k.loc, carried[0], part)};
  };
  return k.sumLanes(
      k.reduce(k.index(0), k.index(tasks), 1, {zero}, combine).front());
}

} // namespace gradmill::nn
