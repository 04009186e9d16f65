// 3x3 convolutions with stride 1 in Winograd's form, F(m x m, 3x3), m = 2 or 4.
//
// An m x m tile of the output depends on n x n pixels, n = m + 2. With the
// transforms B, G, A of Cook and Toom (S. Winograd, "Arithmetic complexity of
// computations", 1980; Lavin and Gray, arXiv:1509.09308) it is
//
//   Y = A' [ sum over input channels of (G g G') * (B' d B) ] A
//
// with an element-wise product in the middle: 16 multiplications for 4 outputs
// instead of 36 (m = 2), or 36 for 16 outputs instead of 144 (m = 4).
//
// With the batch in the lanes a transform is vertical arithmetic on whole
// vectors. The products are, for each of the n x n points, a small matrix
// product over the input channels: T tiles x G filters stay in registers, an
// input is one load, a weight one broadcast. Per task and group of T tiles:
//
//   V = B' d B    [points][tile][input channel]
//   for each panel of filters
//     M = V * U   [points][tile][filter]
//     Y = A' M A  handed over to the epilogue, row by row
//
// U = G g G' is computed once per call, in the order in which it is read. Both
// transforms of F(4x4) go by rows and by columns through a small buffer, with
// their factors loaded from memory: see WinogradTransforms::loadFactors. The
// products prefetch what the next group of tiles reads and this one writes, a
// few pixels at each point.
//
// Tiles that stick out of the output are computed whole, and their existing
// pixels are handed over. But a tile of F(4x4) that sticks out by half of it or
// more is short: F(2, 3) along that axis, with 4 of the 6 points. Short tiles
// come last, separately (WinogradRegion).
//
// The reference for all of it: ConvReference.cpp, within 1e-4.
#include "winograd/ConvWinograd.h"
#include "shared/Loops.h"
#include "winograd/WinogradInput.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

class WinogradKernel {
public:
  /// `weight(out, in, row, column)` loads an element of the filter.
  using Weight = std::function<Value(Value, Value, Value, Value)>;

  WinogradKernel(KernelBuilder &k, Value in, Value bias,
                 const WinogradProblem &p, const WinogradSchedule &t)
      : k(k), bias(bias), p(p), t(t), transforms(k, t.outputs), m(t.outputs),
        n(t.outputs + 2), input(k, in, p, m, t.tiles),
        vector(
            cast<VectorType>(cast<MemRefType>(in.getType()).getElementType())) {
    int64_t tasks = KernelBuilder::taskCount(p.blocks);
    auto scratch = [&](int64_t rows, int64_t row) {
      return k.scratch(MemRefType::get({tasks, rows, row}, vector));
    };
    U = k.scratch(MemRefType::get({n * n * p.outChannels * p.inChannels},
                                  vector.getElementType()));
    M = scratch(n * n, WinogradInput::padded(t.tiles * t.panel));
    Y = scratch(m * n, t.panel);
    if (m == 4) {
      factors = k.scratch(
          MemRefType::get({tasks, WinogradTransforms::kFactors}, vector));
      input.useFactors(factors);
    }
  }

  void emit(const Weight &weight) {
    transformFilters(weight);
    k.forEachBlock(p.blocks, [&](Value block) {
      if (factors)
        transforms.storeFactors(factors, k.task);
      k.loop(k.index(0), k.index(input.tiles()), t.tiles,
             [&](Value first) { emitTiles(block, first); });
    });
  }

private:
  //===-- Filters --------------------------------------------------------===//

  void transformFilters(const Weight &weight) {
    FilterTransform transform(k, transforms, p.outChannels);
    k.forEachParallel(p.outChannels, [&](Value f) {
      k.loop(p.inChannels, [&](Value c) {
        Value panel = k.mul(k.div(f, t.panel), t.panel);
        Value some =
            k.min(k.index(t.panel), k.sub(k.index(p.outChannels), panel));
        Value within = k.sub(f, panel);
        Value first = k.mul(k.div(within, t.filters), t.filters);
        Value count = k.min(k.index(t.filters), k.sub(some, first));
        Value place = k.add(k.add(k.mul(first, p.inChannels), k.mul(c, count)),
                            k.sub(within, first));
        transform.emit(
            f, [&](Value i, Value j) { return weight(f, c, i, j); },
            [&](Value point, Value u) {
              k.store(u, U, {k.add(weightsOf(panel, some, point), place)});
            });
      });
    });
  }

  Value weightsOf(Value panel, Value filters, Value point) {
    return k.mul(k.add(k.mul(panel, n * n), k.mul(point, filters)),
                 p.inChannels);
  }

  // Parts of `part` and, at the end, the remainder.
  void inParts(int64_t count, int64_t part,
               llvm::function_ref<void(Value, int64_t)> body) {
    int64_t whole = count / part * part;
    k.loop(k.index(0), k.index(whole), part, [&](Value i) { body(i, part); });
    if (count > whole)
      body(k.index(whole), count - whole);
  }

  //===-- Products -------------------------------------------------------===//

  // Tiles [first, first + T) of the image, as far as they exist.
  void emitTiles(Value block, Value first) {
    Value count = input.countFrom(first);
    k.loop(k.index(0), count, 1, [&](Value slot) {
      input.transform(block, input.positionOf(k.add(first, slot)), slot);
    });
    auto group = input.groupAt(first);
    auto next = input.groupAt(k.add(first, t.tiles));
    auto panel = [&](Value filter, int64_t filters) {
      Value steps = k.mul(k.div(filter, t.panel), n * n);
      eachPoint(group.front(), [&](Value point, Value step) {
        input.fetchAhead(block, next, k.add(steps, step),
                         llvm::divideCeil(p.outChannels, t.panel) * n * n);
        announce(block, group, step, {filter, filters});
        withSize(count, input.groupSizes(), [&](int64_t tiles) {
          inParts(filters, t.filters, [&](Value f, int64_t count) {
            emitProduct(point, tiles, {filter, filters}, f, count);
          });
        });
      });
      k.loop(k.index(0), count, 1, [&](Value slot) {
        handOver(block, input.positionOf(k.add(first, slot)), slot, filter,
                 filters);
      });
    };
    inParts(p.outChannels, t.panel, panel);
  }

  // Emits `body` for each of the sizes, of which `count` is one.
  void withSize(Value count, ArrayRef<int64_t> sizes,
                llvm::function_ref<void(int64_t)> body) {
    if (sizes.size() == 1)
      return body(sizes.front());
    Value here = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::eq,
                                       count, k.index(sizes.front()));
    choose(
        k, here, [&] { body(sizes.front()); },
        [&] { withSize(count, sizes.drop_front(), body); });
  }

  // body(number of the point, number of points before it)
  void eachPoint(const WinogradInput::At &at,
                 llvm::function_ref<void(Value, Value)> body) {
    if (!at.shortRows && !at.shortColumns)
      return k.loop(n * n, [&](Value point) { body(point, point); });
    Value columns = input.length(at.shortColumns);
    k.loop(k.index(0), input.length(at.shortRows), 1, [&](Value i) {
      Value row = k.mul(input.point(at.shortRows, i), n);
      k.loop(k.index(0), columns, 1, [&](Value j) {
        body(k.add(row, input.point(at.shortColumns, j)),
             k.add(k.mul(i, columns), j));
      });
    });
  }

  // A part of the pixels that will be handed over: see fetchAhead.
  void announce(Value block, const WinogradInput::Group &group, Value step,
                ChannelBlock panel) {
    input.eachPart(group, step, n * n, [&](Value row, Value column) {
      // For tiles that stick out, the last pixel again.
      auto exists = [&](int axis, Value pixel) {
        return p.out[axis] % m ? k.min(pixel, k.index(p.out[axis] - 1)) : pixel;
      };
      k.announce(block, {exists(0, row), exists(1, column)}, panel);
    });
  }

  // tiles x filters of M at one point; the first filter is the panel's f-th.
  void emitProduct(Value point, int64_t tiles, ChannelBlock panel, Value f,
                   int64_t filters) {
    Value weights = k.add(weightsOf(panel.first, k.index(panel.count), point),
                          k.mul(f, p.inChannels));
    SmallVector<Value> zeros(tiles * filters, k.constant(vector, 0));
    SmallVector<Value> sums = k.reduce(
        k.index(0), k.index(p.inChannels), 1, zeros,
        [&](Value c, ValueRange carried) {
          SmallVector<Value> v, out(carried);
          for (int64_t i = 0; i < tiles; ++i)
            v.push_back(k.load(input.buffer(),
                               {k.task, point, k.add(c, i * p.inChannels)}));
          Value row = k.add(weights, k.mul(c, filters));
          for (int64_t g = 0; g < filters; ++g) {
            Value u = k.splat(k.load(U, {k.add(row, g)}), vector);
            for (int64_t i = 0; i < tiles; ++i)
              out[i * filters + g] = vector::FMAOp::create(
                  k.b, k.loc, u, v[i], carried[i * filters + g]);
          }
          return out;
        });
    for (int64_t i = 0; i < tiles; ++i)
      for (int64_t g = 0; g < filters; ++g)
        k.store(sums[i * filters + g], M,
                {k.task, point, k.add(f, i * t.panel + g)});
  }

  //===-- Output ---------------------------------------------------------===//

  // One tile. The columns' transforms pass through a buffer to the rows', so
  // that only a few values are in registers at a time, not all n x n.
  void handOver(Value block, WinogradInput::At at, Value slot, Value panel,
                int64_t filters) {
    Value place = k.mul(slot, t.panel);
    k.loop(k.index(0), input.length(at.shortColumns), 1, [&](Value number) {
      Value j = input.point(at.shortColumns, number);
      if (factors)
        transforms.loadFactors(factors, k.task);
      input.eitherLine(at.shortRows, [&](bool isShort) {
        k.loop(filters, [&](Value f) {
          Line x;
          for (int64_t i : transforms.points(isShort))
            x.push_back(k.load(M, {k.task, k.add(j, i * n), k.add(place, f)}));
          for (auto [i, y] : llvm::enumerate(transforms.output(x)))
            k.store(y, Y, {k.task, k.add(j, i * n), f});
        });
      });
    });
    Value rows = p.out[0] % m
                     ? k.min(k.sub(k.index(p.out[0]), at.row), k.index(m))
                     : k.index(m);
    auto pixels = [&](bool isShort, int64_t columns) {
      k.loop(k.index(0), rows, 1, [&](Value i) {
        if (factors)
          transforms.loadFactors(factors, k.task);
        inParts(filters, width(), [&](Value f, int64_t count) {
          handOverRow(block, {k.add(at.row, i), at.column}, i, isShort, columns,
                      f, {k.add(panel, f), count});
        });
      });
    };
    int64_t rest = p.out[1] % m;
    if (!rest)
      return pixels(false, m);
    Value whole = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::sle,
                                        at.column, k.index(p.out[1] - m));
    choose(
        k, whole, [&] { pixels(false, m); },
        [&] { pixels(input.isShort(1), rest); });
  }

  // Filters of a row of pixels that are handed over at a time: as few as fill a
  // cache line, unless the epilogue prefers more.
  int64_t width() const { return std::max<int64_t>(2, k.channelAlignment()); }

  void handOverRow(Value block, Position at, Value i, bool isShort,
                   int64_t columns, Value f, ChannelBlock channels) {
    SmallVector<Line> y; // [filter][pixel]
    for (int64_t g = 0; g < channels.count; ++g) {
      Line x;
      for (int64_t j : transforms.points(isShort))
        x.push_back(k.load(Y, {k.task, k.add(k.mul(i, n), j), k.add(f, g)}));
      y.push_back(transforms.output(x));
      if (bias) {
        Value b = k.splat(k.load(bias, {k.add(channels.first, g)}), vector);
        for (Value &pixel : y.back())
          pixel = arith::AddFOp::create(k.b, k.loc, pixel, b);
      }
    }
    SmallVector<Position> positions;
    SmallVector<Value> values;
    for (int64_t j = 0; j < columns; ++j) {
      positions.push_back({at[0], k.add(at[1], j)});
      for (Line &pixels : y)
        values.push_back(pixels[j]);
    }
    k.emitTile(block, positions, channels, values);
  }

  KernelBuilder &k;
  Value bias;
  WinogradProblem p;
  WinogradSchedule t;
  WinogradTransforms transforms;
  int64_t m, n;
  WinogradInput input;
  VectorType vector;
  Value U;       // [panel][point][block of filters][input channel][filter]
  Value M, Y;    // [task][point or pixel][...]
  Value factors; // of the transforms, if they have any
};

} // namespace

WinogradProblem winogradProblem(const ConvShape &s, int64_t vectorBytes,
                                int64_t blocks) {
  return {s.channels, s.filters, s.in, s.out, s.padding, blocks, vectorBytes};
}

void noteWinograd(KernelBuilder &k, std::string schedule) {
  k.setSchedule(std::move(schedule));
  k.note("Winograd: the multiply-adds are those of the direct form, of which "
         "fewer are done");
  k.acceptSpills(kWinogradSpills.str());
}

std::optional<int64_t> forcedWinograd(KernelBuilder &k) {
  auto forced = k.op->getAttrOfType<IntegerAttr>("nn.winograd");
  if (!forced || k.accuracy == Accuracy::Exact)
    return std::nullopt;
  int64_t m = forced.getInt();
  return m == 2 || m == 4 ? m : 0;
}

bool lowerWinograd(KernelBuilder &k, const ConvShape &s, bool backwardData,
                   Value bias) {
  auto input = cast<MemRefType>(k.operand(0).getType());
  auto vector = cast<VectorType>(input.getElementType());
  if (!s.hasWinogradForm() || !vector.getElementType().isF32())
    return false;
  int64_t blocks = input.getDimSize(0);
  WinogradProblem p = winogradProblem(s, 4 * vector.getNumElements(), blocks);
  if (backwardData)
    p = {s.filters,
         s.channels,
         s.out,
         s.in,
         {2 - s.padding[0], 2 - s.padding[1]},
         blocks,
         p.vectorBytes};
  p.machine = k.machine();
  auto schedule = chooseWinograd(p, k.accuracy);
  if (auto forced = forcedWinograd(k)) {
    schedule.reset();
    if (*forced)
      schedule = winogradTiles(p, *forced);
  }
  if (!schedule)
    return false;
  noteWinograd(k, schedule->describe());
  Value filter = k.operand(1);
  WinogradKernel(k, k.operand(0), bias, p, *schedule)
      .emit([&](Value out, Value in, Value i, Value j) {
        if (backwardData) // rotated by 180 degrees, input and output exchanged
          return k.load(filter, {in, out, k.sub(k.index(2), i),
                                 k.sub(k.index(2), j)});
        return k.load(filter, {out, in, i, j});
      });
  return true;
}

} // namespace gradmill::nn
