#include "shared/FilterLanes.h"
#include "shared/Loops.h"
#include "nn/Transpose.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "nn/Products.h"

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
  int64_t channels = shape[1], taps = shape[2] * shape[3],
          weights = channels * taps;
  Value flat = k.collapse(gradient, {{0}, {1, 2, 3}});
  auto row = [&](Value weight, Value number) {
    Value input = weight;
    if (!channelFirst) {
      Value c = k.div(weight, taps);
      input = k.add(k.mul(k.sub(weight, k.mul(c, taps)), channels), c);
    }
    return k
        .reduce(k.index(0), k.index(tasks), 1, {k.constant(vector, 0)},
                [&](Value task, ValueRange carried) -> SmallVector<Value> {
                  Value part = k.load(sums, {task, input, number});
                  return {arith::AddFOp::create(k.b, k.loc, carried[0], part)};
                })
        .front();
  };
  k.forEachParallel(llvm::divideCeil(weights, lanes), [&](Value part) {
    forGroup(k, part, weights, lanes, [&](Value first, int64_t count) {
      k.loop(vectors, [&](Value number) {
        SmallVector<Value> rows;
        for (int64_t i = 0; i < count; ++i)
          rows.push_back(row(k.add(first, i), number));
        storeWeights(k, rows, flat, k.mul(number, lanes), first);
      });
    });
  });
}

void storeWeights(KernelBuilder &k, ArrayRef<Value> rows, Value gradient,
                  Value filter, Value first) {
  auto vector = cast<VectorType>(rows.front().getType());
  int64_t lanes = vector.getNumElements(), count = rows.size(),
          filters = cast<MemRefType>(gradient.getType()).getDimSize(0),
          rest = filters % lanes;
  SmallVector<Value> x(rows);
  x.resize(lanes, k.constant(vector, 0));
  x = transpose(k, x);
  auto store = [&](int64_t ofVector) {
    for (int64_t f = 0; f < ofVector; ++f) {
      Value at = k.add(filter, f);
      if (count == lanes) {
        vector::StoreOp::create(k.b, k.loc, x[f], gradient,
                                ValueRange{at, first});
        continue;
      }
      for (int64_t i = 0; i < count; ++i)
        k.store(vector::ExtractOp::create(k.b, k.loc, x[f], i), gradient,
                {at, k.add(first, i)});
    }
  };
  if (!rest)
    return store(lanes);
  Value isWhole = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                        filter, k.index(filters - rest));
  choose(
      k, isWhole, [&] { store(lanes); }, [&] { store(rest); });
}

} // namespace gradmill::nn
