#include "winograd/WinogradTransforms.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <array>
#include <cmath>

using namespace mlir;

namespace gradmill::nn {

constexpr double kA = 0.625, kB = 1.5; // m = 4

// A factor of a transform of vectors, or its negative.
constexpr std::array<double, WinogradTransforms::kFactors> kMagnitudes = {
    kA,           kB,           kA *kA,           kB *kB,
    kA * kA * kA, kB * kB * kB, kA * kA * kB *kB, kA *kA + kB *kB,
    kB *kB - kA * kA, kA *(kB * kB - kA * kA)};

SmallVector<Value>
transformBoth(ArrayRef<Value> x, int64_t rows, int64_t columns,
              llvm::function_ref<Line(ArrayRef<Value>)> transform) {
  SmallVector<Line> byColumn;
  for (int64_t j = 0; j < columns; ++j) {
    Line column;
    for (int64_t i = 0; i < rows; ++i)
      column.push_back(x[i * columns + j]);
    byColumn.push_back(transform(column));
  }
  SmallVector<Value> out;
  for (size_t i = 0; i < byColumn.front().size(); ++i) {
    Line row;
    for (Line &column : byColumn)
      row.push_back(column[i]);
    llvm::append_range(out, transform(row));
  }
  return out;
}

FilterTransform::FilterTransform(KernelBuilder &k,
                                 WinogradTransforms &transforms, int64_t tasks,
                                 VectorType many)
    : k(k), transforms(transforms), n(transforms.points(false).size()) {
  Type wide = k.b.getF64Type();
  if (many)
    wide = many.clone(wide);
  columns = k.scratch(MemRefType::get({tasks, n * 3}, wide));
}

void FilterTransform::emit(Value task,
                           llvm::function_ref<Value(Value, Value)> weight,
                           llvm::function_ref<void(Value, Value)> store) {
  Type type, f64 = cast<MemRefType>(columns.getType()).getElementType();
  k.loop(3, [&](Value j) {
    Line g;
    for (int64_t i = 0; i < 3; ++i) {
      Value w = weight(k.index(i), j);
      type = w.getType();
      g.push_back(type == f64 ? w : arith::ExtFOp::create(k.b, k.loc, f64, w));
    }
    for (auto [i, u] : llvm::enumerate(transforms.filter(g)))
      k.store(u, columns, {task, k.add(j, i * 3)});
  });
  k.loop(n, [&](Value i) {
    Line g;
    for (int64_t j = 0; j < 3; ++j)
      g.push_back(k.load(columns, {task, k.add(k.mul(i, 3), j)}));
    for (auto [j, u] : llvm::enumerate(transforms.filter(g)))
      store(k.add(k.mul(i, n), j),
            type == f64 ? u : arith::TruncFOp::create(k.b, k.loc, type, u));
  });
}

ArrayRef<int64_t> WinogradTransforms::points(bool isShort) const {
  static constexpr int64_t all[] = {0, 1, 2, 3, 4, 5}, some[] = {0, 1, 2, 5};
  return isShort ? ArrayRef(some) : ArrayRef(all).take_front(m + 2);
}

// B' d: n -> n. A row has the coefficients of the product of (x - point) over
// all points but its own.
Line WinogradTransforms::input(ArrayRef<Value> d) {
  if (m == 2)
    return {sub(d[0], d[2]), add(d[1], d[2]), sub(d[2], d[1]), sub(d[3], d[1])};
  constexpr double a2 = kA * kA, b2 = kB * kB;
  if (d.size() == 4) {
    Value even = scaled(-(b2 - a2), d[2]);
    constexpr double odd = -(kA * (b2 - a2));
    return {fma(a2 * b2, d[0], scaled(-b2, d[2])), fma(odd, d[1], even),
            fma(-odd, d[1], even), fma(-a2, d[1], d[3])};
  }
  // d4 - (a^2 + b^2) d2 + a^2 b^2 d0, and the same one further.
  auto zeroOrInfinity = [&](int i) {
    return fma(a2 * b2, d[i], fma(-(a2 + b2), d[i + 2], d[i + 4]));
  };
  Line v{zeroOrInfinity(0)};
  for (auto [p, q2] : {std::pair{kA, b2}, {kB, a2}}) {
    Value even = fma(-q2, d[2], d[4]), odd = fma(-q2, d[1], d[3]);
    v.push_back(fma(p, odd, even));
    v.push_back(fma(-p, odd, even));
  }
  v.push_back(zeroOrInfinity(1));
  return v;
}

// G g: 3 -> n. The powers of the point over the product of its distances.
Line WinogradTransforms::filter(ArrayRef<Value> g) {
  auto pair = [&](Line &u, double p, double scale) {
    Value even = scaled(scale, add(g[0], scaled(p * p, g[2])));
    Value odd = scaled(scale * p, g[1]);
    u.push_back(add(even, odd));
    u.push_back(sub(even, odd));
  };
  Line u;
  if (m == 2) {
    u.push_back(g[0]);
    pair(u, 1, 0.5);
  } else {
    constexpr double a2 = kA * kA, b2 = kB * kB;
    u.push_back(scaled(1 / (a2 * b2), g[0]));
    pair(u, kA, 1 / (2 * a2 * (a2 - b2)));
    pair(u, kB, 1 / (2 * b2 * (b2 - a2)));
  }
  u.push_back(g[2]);
  return u;
}

static constexpr double power(double x, int n) {
  return n ? x * power(x, n - 1) : 1;
}

// A' M: n -> m. Output i is the sum over the points' i-th powers, and
// infinity counts for the last one.
Line WinogradTransforms::output(ArrayRef<Value> x) {
  if (m == 2)
    return {add(add(x[0], x[1]), x[2]), add(sub(x[1], x[2]), x[3])};
  Value evenA = add(x[1], x[2]), oddA = sub(x[1], x[2]);
  if (x.size() == 4)
    return {add(x[0], evenA), fma(kA, oddA, x[3])};
  Value evenB = add(x[3], x[4]), oddB = sub(x[3], x[4]);
  auto powers = [&](int i, Value xa, Value xb) {
    return fma(power(kA, i), xa, scaled(power(kB, i), xb));
  };
  return {add(x[0], add(evenA, evenB)), powers(1, oddA, oddB),
          powers(2, evenA, evenB), add(x[5], powers(3, oddA, oddB))};
}

// A g, the adjoint of `output`. For m = 2 the middle points are half of what
// the inverse needs.
Line WinogradTransforms::cotangent(ArrayRef<Value> g) {
  if (m == 2)
    return {scaled(2, g[0]), add(g[0], g[1]), sub(g[0], g[1]), scaled(2, g[1])};
  Line u{g[0]};
  for (double p : {kA, kB}) {
    Value even = fma(p * p, g[2], g[0]), odd = fma(p * p, g[3], g[1]);
    u.push_back(fma(p, odd, even));
    u.push_back(fma(-p, odd, even));
  }
  u.push_back(g[3]);
  return u;
}

// G' x, the adjoint of `filter`.
Line WinogradTransforms::weights(ArrayRef<Value> x) {
  if (m == 2) {
    Value s = add(x[1], x[2]);
    return {scaled(0.5, add(x[0], s)), scaled(0.5, sub(x[1], x[2])),
            scaled(0.5, add(s, x[3]))};
  }
  constexpr double a2 = kA * kA, b2 = kB * kB;
  constexpr double a = 1 / (2 * a2 * (a2 - b2)), b = 1 / (2 * b2 * (b2 - a2));
  Value evenA = add(x[1], x[2]), oddA = sub(x[1], x[2]);
  Value evenB = add(x[3], x[4]), oddB = sub(x[3], x[4]);
  return {fma(1 / (a2 * b2), x[0], fma(a, evenA, scaled(b, evenB))),
          fma(a * kA, oddA, scaled(b * kB, oddB)),
          fma(a * a2, evenA, fma(b * b2, evenB, x[5]))};
}

Value WinogradTransforms::add(Value x, Value y) {
  return arith::AddFOp::create(e.b, e.loc, x, y);
}
Value WinogradTransforms::sub(Value x, Value y) {
  return arith::SubFOp::create(e.b, e.loc, x, y);
}
Value WinogradTransforms::scaled(double c, Value x) {
  return arith::MulFOp::create(e.b, e.loc, x, factor(x.getType(), c));
}
Value WinogradTransforms::fma(double c, Value x, Value y) {
  return vector::FMAOp::create(e.b, e.loc, factor(x.getType(), c), x, y);
}

void WinogradTransforms::storeFactors(Value buffer, Value task) {
  Type type = cast<MemRefType>(buffer.getType()).getElementType();
  for (auto [i, c] : llvm::enumerate(kMagnitudes))
    e.store(e.constant(type, c), buffer, {task, e.index(i)});
}

void WinogradTransforms::loadFactors(Value buffer, Value task) {
  loaded.clear();
  for (int64_t i = 0; i < kFactors; ++i)
    loaded.push_back(e.load(buffer, {task, e.index(i)}));
}

Value WinogradTransforms::factor(Type type, double c) {
  const double *it = llvm::find(kMagnitudes, std::abs(c));
  if (loaded.empty() || loaded.front().getType() != type ||
      it == kMagnitudes.end())
    return e.constant(type, c);
  Value held = loaded[it - kMagnitudes.begin()];
  return c < 0 ? arith::NegFOp::create(e.b, e.loc, held) : held;
}

} // namespace gradmill::nn
