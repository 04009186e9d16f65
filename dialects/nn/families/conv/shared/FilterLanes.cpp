#include "shared/FilterLanes.h"
#include "shared/Loops.h"
#include "shared/Transpose.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace gradmill::nn {

FilterLanes::FilterLanes(KernelBuilder &k, int64_t filters)
    : vector(cast<VectorType>(k.operandType(1).getElementType())),
      lanes(vector.getNumElements()), vectors(llvm::divideCeil(filters, lanes)),
      k(k), filters(filters) {}

void FilterLanes::partOf(Value number, llvm::function_ref<void(int64_t)> body) {
  int64_t whole = filters / lanes, rest = filters % lanes;
  if (!rest)
    return body(lanes);
  Value isWhole = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                        number, k.index(whole));
  choose(
      k, isWhole, [&] { body(lanes); }, [&] { body(rest); });
}

void FilterLanes::transpose(
    Value block, Value row, Value column, Value first, int64_t count,
    llvm::function_ref<void(int64_t, Value, Value)> store) {
  k.loop(count, [&](Value number) {
    Value from = k.add(first, number);
    partOf(from, [&](int64_t part) {
      SmallVector<Value> x;
      for (int64_t f = 0; f < part; ++f)
        x.push_back(k.present(
            k.element(1, block, {row, column}, k.add(k.mul(from, lanes), f)),
            block));
      x.resize(lanes, k.constant(vector, 0));
      for (auto [image, value] : llvm::enumerate(nn::transpose(k, x)))
        store(image, number, value);
    });
  });
}

Value FilterLanes::partialSums(int64_t tasks, int64_t inputs) {
  return k.scratch(MemRefType::get({tasks, inputs, vectors}, vector));
}

void FilterLanes::clear(Value sums) {
  auto shape = cast<MemRefType>(sums.getType()).getShape();
  k.nest({shape[1], shape[2]}, [&](ValueRange i) {
    k.store(k.constant(vector, 0), sums, {k.task, i[0], i[1]});
  });
}

void FilterLanes::accumulate(
    Value sums, const Tile &t,
    llvm::function_ref<SmallVector<Value>(ValueRange)> loops, Value fresh) {
  auto at = [&](int64_t i, int64_t j) {
    return SmallVector<Value>{k.task, k.add(t.input, i * t.step),
                              k.add(t.filter, j)};
  };
  auto loaded = [&] {
    SmallVector<Value> values;
    for (int64_t i = 0; i < t.a; ++i)
      for (int64_t j = 0; j < t.b; ++j)
        values.push_back(k.load(sums, at(i, j)));
    return values;
  };
  SmallVector<Value> zeros(t.a * t.b, k.constant(vector, 0));
  SmallVector<Value> values =
      loops(fresh ? chooseValues(
                        k, fresh, [&] { return zeros; }, loaded)
                  : loaded());
  for (int64_t i = 0; i < t.a; ++i)
    for (int64_t j = 0; j < t.b; ++j)
      k.store(values[i * t.b + j], sums, at(i, j));
}

SmallVector<Value> FilterLanes::addImages(const Tile &t, ValueRange sums,
                                          Element input, Element filter) {
  return k.reduce(k.index(0), k.index(lanes), 1, sums,
                  [&](Value image, ValueRange carried) {
                    SmallVector<Value> y, out(carried);
                    for (int64_t j = 0; j < t.b; ++j)
                      y.push_back(filter(image, j));
                    for (int64_t i = 0; i < t.a; ++i) {
                      Value x = k.splat(input(image, i), vector);
                      for (int64_t j = 0; j < t.b; ++j)
                        out[i * t.b + j] = vector::FMAOp::create(
                            k.b, k.loc, x, y[j], carried[i * t.b + j]);
                    }
                    return out;
                  });
}

void FilterLanes::combine(Value sums, Value gradient, bool channelFirst) {
  int64_t tasks = cast<MemRefType>(sums.getType()).getDimSize(0);
  ArrayRef<int64_t> shape = cast<MemRefType>(gradient.getType()).getShape();
  int64_t channels = shape[1];
  k.forEachParallel(channels, [&](Value c) {
    k.nest({shape[2], shape[3], vectors}, [&](ValueRange i) {
      Value tap = k.add(k.mul(i[0], shape[3]), i[1]);
      Value input = channelFirst ? k.add(k.mul(c, shape[2] * shape[3]), tap)
                                 : k.add(k.mul(tap, channels), c);
      Value sum =
          k.reduce(k.index(0), k.index(tasks), 1, {k.constant(vector, 0)},
                   [&](Value task, ValueRange carried) -> SmallVector<Value> {
                     Value part = k.load(sums, {task, input, i[2]});
                     return {
                         arith::AddFOp::create(k.b, k.loc, carried[0], part)};
                   })
              .front();
      partOf(i[2], [&](int64_t part) {
        for (int64_t f = 0; f < part; ++f)
          k.store(vector::ExtractOp::create(k.b, k.loc, sum, f), gradient,
                  {k.add(k.mul(i[2], lanes), f), c, i[0], i[1]});
      });
    });
  });
}

} // namespace gradmill::nn
