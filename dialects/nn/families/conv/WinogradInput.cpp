#include "WinogradInput.h"
#include "Loops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace gradmill::nn {

WinogradInput::WinogradInput(KernelBuilder &k, Value in,
                             const WinogradProblem &p, int64_t outputs,
                             int64_t slots, bool scalars)
    : k(k), in(in), p(p), transforms(k, outputs), m(outputs), n(outputs + 2),
      slots(slots), tilesWide(p.tiles(1, m)),
      tileCount(p.tiles(0, m) * tilesWide),
      vector(
          cast<VectorType>(cast<MemRefType>(in.getType()).getElementType())) {
  int64_t tasks = KernelBuilder::taskCount(p.blocks);
  int64_t row = padded(slots * p.inChannels);
  V = k.scratch(
      scalars ? MemRefType::get({tasks, n * n, row * vector.getNumElements()},
                                vector.getElementType())
              : MemRefType::get({tasks, n * n, row}, vector));
  if (inTwoPasses())
    patch = k.scratch(MemRefType::get({tasks, n * n, chunk()}, vector));
  else if (reachesOverBorder())
    patch = k.scratch(MemRefType::get({tasks, n * n, p.inChannels}, vector));
}

bool WinogradInput::reachesOverBorder(int axis) const {
  return p.padding[axis] > 0 ||
         p.tiles(axis, m) * m + 2 - p.padding[axis] > p.in[axis];
}

// 36 values would not stay in registers, and a pass touches whole cache lines
// of a row of pixels at a time; 16 values cost less in one go.
bool WinogradInput::inTwoPasses() const { return m == 4; }

// What passes from the rows to the columns takes 9 KiB of the first-level cache
// with AVX2.
int64_t WinogradInput::chunk() const {
  return std::min<int64_t>(p.inChannels, 8);
}

WinogradInput::At WinogradInput::positionOf(Value tile) {
  Value row = k.div(tile, tilesWide),
        column = k.sub(tile, k.mul(row, tilesWide));
  return {k.mul(row, m), k.mul(column, m)};
}

void WinogradInput::transform(Value block, Value tile, Value slot) {
  At at = positionOf(tile);
  Value row = k.add(at.row, -p.padding[0]),
        column = k.add(at.column, -p.padding[1]);
  if (inTwoPasses())
    return k.loop(k.index(0), k.index(p.inChannels), chunk(), [&](Value first) {
      Value count =
          p.inChannels % chunk()
              ? k.min(k.sub(k.index(p.inChannels), first), k.index(chunk()))
              : k.index(chunk());
      k.loop(n, [&](Value i) {
        transformRow(block, i, k.add(row, i), column, first, count);
      });
      k.loop(n, [&](Value j) { transformColumn(slot, j, first, count); });
    });
  auto inPlace = [&] {
    transformPixels(slot, [&](int64_t i, int64_t j, Value c) {
      return k.load(in, {block, k.add(row, i), k.add(column, j), c});
    });
  };
  if (!reachesOverBorder())
    return inPlace();
  Value inside = arith::AndIOp::create(
      k.b, k.loc, k.inRange(row, k.index(0), k.index(p.in[0] - n + 1)),
      k.inRange(column, k.index(0), k.index(p.in[1] - n + 1)));
  choose(k, inside, inPlace, [&] {
    collect(block, row, column);
    transformPixels(slot, [&](int64_t i, int64_t j, Value c) {
      return k.load(patch, {k.task, k.index(i * n + j), c});
    });
  });
}

void WinogradInput::eachPart(Value first, Value step, int64_t steps,
                             llvm::function_ref<void(Value, Value)> body) {
  int64_t pixels = m * m, all = slots * pixels,
          each = (all + steps - 1) / steps;
  for (int64_t i = 0; i < each; ++i) {
    Value item = k.min(k.add(k.mul(step, each), i), k.index(all - 1));
    Value slot = k.div(item, pixels), pixel = k.sub(item, k.mul(slot, pixels));
    Value row = k.div(pixel, m), column = k.sub(pixel, k.mul(row, m));
    At at = positionOf(k.min(k.add(first, slot), k.index(tileCount - 1)));
    body(k.add(at.row, row), k.add(at.column, column));
  }
}

// The rows and columns in which a tile of the next group differs from its
// neighbours come from far, and the products leave time to fetch them. All at
// once they would fill the queue of misses, behind which loads wait: spread
// over the products the kernel is 20 % faster.
void WinogradInput::fetchAhead(Value block, Value next, Value step,
                               int64_t steps) {
  int64_t line = elementsPerLine(vector);
  auto inside = [&](int axis, Value pixel) {
    Value at = k.add(pixel, 2 - p.padding[axis]);
    return k.min(k.max(at, k.index(0)), k.index(p.in[axis] - 1));
  };
  eachPart(next, step, steps, [&](Value row, Value column) {
    for (int64_t c = 0; c < p.inChannels; c += line)
      k.prefetch(in, {block, inside(0, row), inside(1, column), k.index(c)},
                 /*write=*/false, /*near=*/false);
  });
}

// One row of the tile into the patch. What lies outside of the image is zero.
void WinogradInput::transformRow(Value block, Value i, Value row, Value column,
                                 Value first, Value count) {
  if (factors)
    transforms.loadFactors(factors, k.task);
  auto fill = [&](llvm::function_ref<Line(Value)> values) {
    k.loop(k.index(0), count, 1, [&](Value c) {
      for (auto [j, v] : llvm::enumerate(values(c)))
        k.store(v, patch, {k.task, k.add(k.mul(i, n), j), c});
    });
  };
  auto pixels = [&](llvm::function_ref<Value(Value, Value)> pixel) {
    fill([&](Value c) {
      Line d;
      for (int64_t j = 0; j < n; ++j)
        d.push_back(pixel(k.add(column, j), k.add(first, c)));
      return transforms.input(d);
    });
  };
  auto load = [&](Value w, Value c) { return k.load(in, {block, row, w, c}); };
  auto inside = [&] {
    if (!reachesOverBorder(1))
      return pixels(load);
    choose(
        k, k.inRange(column, k.index(0), k.index(p.in[1] - n + 1)),
        [&] { pixels(load); },
        [&] {
          Value zero = k.constant(vector, 0), last = k.index(p.in[1] - 1);
          pixels([&](Value w, Value c) -> Value {
            Value exists = k.inRange(w, k.index(0), k.index(p.in[1]));
            Value x = load(k.min(k.max(w, k.index(0)), last), c);
            return arith::SelectOp::create(k.b, k.loc, exists, x, zero);
          });
        });
  };
  if (!reachesOverBorder(0))
    return inside();
  choose(k, k.inRange(row, k.index(0), k.index(p.in[0])), inside,
         [&] { fill([&](Value) { return Line(n, k.constant(vector, 0)); }); });
}

void WinogradInput::transformColumn(Value slot, Value j, Value first,
                                    Value count) {
  if (factors)
    transforms.loadFactors(factors, k.task);
  Value place = k.add(k.mul(slot, p.inChannels), first);
  k.loop(k.index(0), count, 1, [&](Value c) {
    Line d;
    for (int64_t i = 0; i < n; ++i)
      d.push_back(k.load(patch, {k.task, k.add(j, i * n), c}));
    for (auto [i, v] : llvm::enumerate(transforms.input(d)))
      k.storeVector(v, V, {k.task, k.add(j, i * n), k.add(place, c)});
  });
}

void WinogradInput::collect(Value block, Value row, Value column) {
  k.nest({n, n}, [&](ValueRange i) {
    Value ih = k.add(row, i[0]), iw = k.add(column, i[1]);
    auto fill = [&](llvm::function_ref<Value(Value)> value) {
      k.loop(p.inChannels, [&](Value c) {
        k.store(value(c), patch, {k.task, k.add(k.mul(i[0], n), i[1]), c});
      });
    };
    Value exists = arith::AndIOp::create(
        k.b, k.loc, k.inRange(ih, k.index(0), k.index(p.in[0])),
        k.inRange(iw, k.index(0), k.index(p.in[1])));
    choose(
        k, exists,
        [&] { fill([&](Value c) { return k.load(in, {block, ih, iw, c}); }); },
        [&] { fill([&](Value) { return k.constant(vector, 0); }); });
  });
}

void WinogradInput::transformPixels(
    Value slot, llvm::function_ref<Value(int64_t, int64_t, Value)> pixel) {
  k.loop(p.inChannels, [&](Value c) {
    SmallVector<Value> d;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j)
        d.push_back(pixel(i, j, c));
    SmallVector<Value> v = transformBoth(
        d, n, n, [&](ArrayRef<Value> x) { return transforms.input(x); });
    Value place = k.add(k.mul(slot, p.inChannels), c);
    for (int64_t x = 0; x < n * n; ++x)
      k.storeVector(v[x], V, {k.task, k.index(x), place});
  });
}

} // namespace gradmill::nn
