#include "winograd/WinogradInput.h"
#include "shared/Loops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace gradmill::nn {

static Value isBefore(Emitter &e, Value x, int64_t y) {
  return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::slt, x,
                               e.index(y));
}

static Value select(Emitter &e, Value condition, Value x, Value y) {
  return e.b.createOrFold<arith::SelectOp>(e.loc, condition, x, y);
}

WinogradInput::WinogradInput(KernelBuilder &k, Value in,
                             const WinogradProblem &p, int64_t outputs,
                             int64_t slots, bool scalars)
    : k(k), in(in), p(p), transforms(k, outputs), m(outputs), n(outputs + 2),
      slots(slots), regions(winogradRegions(p, m, !scalars)),
      vector(
          cast<VectorType>(cast<MemRefType>(in.getType()).getElementType())) {
  int64_t number = 0;
  for (const WinogradRegion &region : regions) {
    firsts.push_back(number);
    number += llvm::alignTo(region.tiles(), slots);
  }
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

bool WinogradInput::reachesOverBorder(int axis, bool isShort) const {
  for (const WinogradRegion &region : regions) {
    int64_t begin = region.first[axis] * m - p.padding[axis];
    // After the pixels.
    int64_t end = begin + (isShort ? transforms.points(true).size()
                                   : region.count[axis] * m + 2);
    if (region.isShort[axis] == isShort && (begin < 0 || end > p.in[axis]))
      return true;
  }
  return false;
}

// 36 values would not stay in registers, and a pass touches whole cache lines
// of a row of pixels at a time. 16 values cost less in one go.
bool WinogradInput::inTwoPasses() const { return m == 4; }

// The buffer between rows and columns takes 9 KiB of the first-level cache with
// AVX2.
int64_t WinogradInput::chunk() const {
  return std::min<int64_t>(p.inChannels, 8);
}

int64_t WinogradInput::tiles() const {
  return firsts.back() + regions.back().tiles();
}

SmallVector<int64_t, 4> WinogradInput::groupSizes() const {
  SmallVector<int64_t, 4> sizes;
  for (const WinogradRegion &region : regions) {
    if (region.tiles() >= slots)
      sizes.push_back(slots);
    if (int64_t rest = region.tiles() % slots)
      sizes.push_back(rest);
  }
  llvm::sort(sizes, std::greater<>());
  sizes.erase(llvm::unique(sizes), sizes.end());
  return sizes;
}

Value WinogradInput::countFrom(Value first) {
  if (groupSizes().back() == slots)
    return k.index(slots);
  Value end = k.index(tiles());
  for (size_t r = regions.size() - 1; r-- > 0;)
    end = select(k, isBefore(k, first, firsts[r + 1]),
                 k.index(firsts[r] + regions[r].tiles()), end);
  return k.min(k.sub(end, first), k.index(slots));
}

WinogradInput::At WinogradInput::positionOf(Value tile) {
  auto inRegion = [&](size_t r) -> std::array<Value, 2> {
    const WinogradRegion &region = regions[r];
    Value index = k.add(tile, -firsts[r]);
    if (r + 1 == regions.size() || region.tiles() % slots)
      index = k.min(index, k.index(region.tiles() - 1));
    Value row = k.div(index, region.count[1]),
          column = k.sub(index, k.mul(row, region.count[1]));
    return {k.add(row, region.first[0]), k.add(column, region.first[1])};
  };
  auto [row, column] = inRegion(regions.size() - 1);
  for (size_t r = regions.size() - 1; r-- > 0;) {
    Value here = isBefore(k, tile, firsts[r + 1]);
    auto other = inRegion(r);
    row = select(k, here, other[0], row);
    column = select(k, here, other[1], column);
  }
  auto last = [&](int axis, Value number) {
    return isShort(axis) ? k.b.createOrFold<arith::CmpIOp>(
                               k.loc, arith::CmpIPredicate::eq, number,
                               k.index(p.tiles(axis, m) - 1))
                         : Value();
  };
  return {k.mul(row, m), k.mul(column, m), last(0, row), last(1, column)};
}

Value WinogradInput::length(Value isShort) {
  auto points = [&](bool some) {
    return k.index(transforms.points(some).size());
  };
  return isShort ? select(k, isShort, points(true), points(false))
                 : points(false);
}

// 0, 1, 2 and 5 of the short ones: WinogradTransforms::points.
Value WinogradInput::point(Value isShort, Value i) {
  if (!isShort)
    return i;
  return select(k, isShort, k.add(i, k.mul(k.div(i, 3), 2)), i);
}

void WinogradInput::eitherLine(Value isShort,
                               llvm::function_ref<void(bool)> body) {
  std::optional<int64_t> known = isShort ? getConstantIntValue(isShort) : 0;
  if (known)
    return body(*known);
  choose(k, isShort, [&] { body(true); }, [&] { body(false); });
}

void WinogradInput::transform(Value block, const At &at, Value slot) {
  if (inTwoPasses())
    return k.loop(k.index(0), k.index(p.inChannels), chunk(), [&](Value first) {
      Value count =
          p.inChannels % chunk()
              ? k.min(k.sub(k.index(p.inChannels), first), k.index(chunk()))
              : k.index(chunk());
      k.loop(k.index(0), length(at.shortRows), 1, [&](Value i) {
        transformRow(block, at, i, first, count);
      });
      k.loop(k.index(0), length(at.shortColumns), 1, [&](Value j) {
        transformColumn(at, slot, point(at.shortColumns, j), first, count);
      });
    });
  Value row = k.add(at.row, -p.padding[0]),
        column = k.add(at.column, -p.padding[1]);
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

WinogradInput::Group WinogradInput::groupAt(Value first) {
  Group group;
  for (int64_t slot = 0; slot < slots; ++slot)
    group.push_back(positionOf(k.add(first, slot)));
  return group;
}

void WinogradInput::eachPart(const Group &group, Value step, int64_t steps,
                             llvm::function_ref<void(Value, Value)> body) {
  int64_t pixels = m * m, all = slots * pixels,
          each = (all + steps - 1) / steps;
  for (int64_t i = 0; i < each; ++i) {
    Value item = k.min(k.add(k.mul(step, each), i), k.index(all - 1));
    Value slot = k.div(item, pixels), pixel = k.sub(item, k.mul(slot, pixels));
    Value row = k.div(pixel, m), column = k.sub(pixel, k.mul(row, m));
    At at = group.back();
    for (int64_t j = slots - 1; j-- > 0;) {
      Value here = isBefore(k, slot, j + 1);
      at.row = select(k, here, group[j].row, at.row);
      at.column = select(k, here, group[j].column, at.column);
    }
    body(k.add(at.row, row), k.add(at.column, column));
  }
}

// The rows and columns in which a tile of the next group differs from its
// neighbours come from far memory, and the products leave time to fetch them.
// All at once they would fill the queue of misses, in which loads wait. Spread
// over the products, the kernel is 20 % faster.
void WinogradInput::fetchAhead(Value block, const Group &next, Value step,
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

// Copies one row of the tile into the patch. Outside of the image it is zero.
void WinogradInput::transformRow(Value block, const At &at, Value i,
                                 Value first, Value count) {
  if (factors)
    transforms.loadFactors(factors, k.task);
  Value row = k.add(k.add(at.row, -p.padding[0]), i),
        column = k.add(at.column, -p.padding[1]);
  auto fill = [&](ArrayRef<int64_t> points,
                  llvm::function_ref<Line(Value)> values) {
    k.loop(k.index(0), count, 1, [&](Value c) {
      for (auto [j, v] : llvm::zip_equal(points, values(c)))
        k.store(v, patch, {k.task, k.add(k.mul(i, n), j), c});
    });
  };
  auto pixels = [&](bool isShort,
                    llvm::function_ref<Value(Value, Value)> pixel) {
    ArrayRef<int64_t> points = transforms.points(isShort);
    fill(points, [&](Value c) {
      Line d;
      for (size_t j = 0; j < points.size(); ++j)
        d.push_back(pixel(k.add(column, j), k.add(first, c)));
      return transforms.input(d);
    });
  };
  auto load = [&](Value w, Value c) { return k.load(in, {block, row, w, c}); };
  auto overBorder = [&](bool isShort) {
    Value zero = k.constant(vector, 0), last = k.index(p.in[1] - 1);
    pixels(isShort, [&](Value w, Value c) {
      Value exists = k.inRange(w, k.index(0), k.index(p.in[1]));
      return select(k, exists, load(k.min(k.max(w, k.index(0)), last), c),
                    zero);
    });
  };
  auto inside = [&] {
    eitherLine(at.shortColumns, [&](bool isShort) {
      if (!reachesOverBorder(1, isShort))
        return pixels(isShort, load);
      if (isShort) // the last column of tiles
        return overBorder(true);
      choose(
          k, k.inRange(column, k.index(0), k.index(p.in[1] - n + 1)),
          [&] { pixels(false, load); }, [&] { overBorder(false); });
    });
  };
  if (!reachesOverBorder(0))
    return inside();
  choose(k, k.inRange(row, k.index(0), k.index(p.in[0])), inside,
         [&] {
           fill(transforms.points(false),
                [&](Value) { return Line(n, k.constant(vector, 0)); });
         });
}

void WinogradInput::transformColumn(const At &at, Value slot, Value j,
                                    Value first, Value count) {
  if (factors)
    transforms.loadFactors(factors, k.task);
  Value place = k.add(k.mul(slot, p.inChannels), first);
  eitherLine(at.shortRows, [&](bool isShort) {
    ArrayRef<int64_t> points = transforms.points(isShort);
    k.loop(k.index(0), count, 1, [&](Value c) {
      Line d;
      for (size_t i = 0; i < points.size(); ++i)
        d.push_back(k.load(patch, {k.task, k.add(j, i * n), c}));
      for (auto [i, v] : llvm::zip_equal(points, transforms.input(d)))
        k.storeVector(v, V, {k.task, k.add(j, i * n), k.add(place, c)});
    });
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
