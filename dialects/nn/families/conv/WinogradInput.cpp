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
  if (reachesOverBorder())
    patch = k.scratch(MemRefType::get({tasks, n * n, p.inChannels}, vector));
}

bool WinogradInput::reachesOverBorder() const {
  for (int i = 0; i < 2; ++i)
    if (p.padding[i] > 0 || p.tiles(i, m) * m + 2 - p.padding[i] > p.in[i])
      return true;
  return false;
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
  fetchAhead(block, k.min(k.add(tile, slots), k.index(tileCount - 1)));
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

// The rows and columns in which a tile of the next group differs from its
// neighbours come from far, and the products leave time to fetch them: 5 % of
// the kernel.
void WinogradInput::fetchAhead(Value block, Value tile) {
  At at = positionOf(tile);
  auto inside = [&](int axis, Value pixel) {
    return k.min(k.max(pixel, k.index(0)), k.index(p.in[axis] - 1));
  };
  int64_t line = std::max<int64_t>(1, 64 / p.vectorBytes); // vectors of one
  k.loop(k.index(0), k.index(p.inChannels), line, [&](Value c) {
    for (int64_t i = 2; i < n; ++i)
      for (int64_t j = 2; j < n; ++j)
        k.prefetch(in,
                   {block, inside(0, k.add(at.row, i - p.padding[0])),
                    inside(1, k.add(at.column, j - p.padding[1])), c},
                   /*write=*/false, /*near=*/false);
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
