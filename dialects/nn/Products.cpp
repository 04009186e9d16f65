// Blocked products of matrices: the tile, and its loops.
#include "nn/Products.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace gradmill::nn {

ProductTile chooseProductTile(int64_t rows, int64_t vectors,
                              const Machine &machine, int64_t mostRows) {
  ProductTile best{1, 1};
  double least = 1e300;
  auto step = [&](int64_t r, int64_t v) {
    return machine.cycles(double(r * v), double(r + v)) + 0.05 * double(r + v) +
           0.25; // the loop
  };
  for (int64_t v = 1; v <= std::min<int64_t>(vectors, 4); ++v)
    for (int64_t r = 1; r <= std::min(rows, mostRows); ++r) {
      if (r * v + v + 1 > machine.registers)
        continue;
      int64_t tiles = llvm::divideCeil(rows, r), size = rows / tiles,
              larger = rows % tiles;
      auto all = [&](int64_t v) {
        return double(larger) * step(size + 1, v) +
               double(tiles - larger) * step(size, v);
      };
      double cost = double(vectors / v) * all(v);
      if (vectors % v)
        cost += all(vectors % v);
      if (cost < least * 0.999) {
        least = cost;
        best = {r, v};
      }
    }
  return best;
}

void forEachRowTile(Emitter &e, Value begin, int64_t count, int64_t most,
                    llvm::function_ref<void(Value, int64_t)> body) {
  int64_t tiles = llvm::divideCeil(count, most), size = count / tiles,
          middle = count % tiles * (size + 1);
  e.loop(e.index(0), e.index(middle), size + 1,
         [&](Value i) { body(e.add(begin, i), size + 1); });
  e.loop(e.index(middle), e.index(count), size,
         [&](Value i) { body(e.add(begin, i), size); });
}

void forGroup(Emitter &e, Value group, int64_t count, int64_t size,
              llvm::function_ref<void(Value, int64_t)> body) {
  int64_t last = llvm::divideCeil(count, size) - 1, rest = count - last * size;
  Value first = e.mul(group, size);
  if (rest == size)
    return body(first, size);
  Value isLast = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq,
                                       group, e.index(last));
  auto branch = scf::IfOp::create(e.b, e.loc, isLast, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(e.b);
  e.b.setInsertionPoint(branch.thenYield());
  body(e.index(last * size), rest);
  e.b.setInsertionPoint(branch.elseYield());
  body(first, size);
}

SmallVector<Value> addProducts(Emitter &e, ProductTile tile, Value from,
                               int64_t size, ValueRange sums,
                               llvm::function_ref<Value(int64_t, Value)> row,
                               llvm::function_ref<Value(int64_t, Value)> column) {
  auto steps = [&](Value first, int64_t count, ValueRange carried) {
    SmallVector<Value> out(carried);
    for (int64_t s = 0; s < count; ++s) {
      Value at = e.add(first, s);
      SmallVector<Value> columns;
      for (int64_t v = 0; v < tile.vectors; ++v)
        columns.push_back(column(v, at));
      for (int64_t r = 0; r < tile.rows; ++r) {
        Value x = e.splat(row(r, at), columns.front().getType());
        for (int64_t v = 0; v < tile.vectors; ++v) {
          Value &sum = out[r * tile.vectors + v];
          sum = vector::FMAOp::create(e.b, e.loc, columns[v], x, sum);
        }
      }
    }
    return out;
  };
  constexpr int64_t kUnroll = 4;
  int64_t whole = size / kUnroll * kUnroll;
  SmallVector<Value> result =
      e.reduce(from, e.add(from, whole), kUnroll, sums,
               [&](Value i, ValueRange carried) {
                 return steps(i, kUnroll, carried);
               });
  return steps(e.add(from, whole), size - whole, result);
}

} // namespace gradmill::nn
