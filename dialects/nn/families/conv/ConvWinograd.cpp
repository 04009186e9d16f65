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
// vectors, and the products are, for each of the n x n points, a small matrix
// product over the input channels: T tiles x G filters stay in registers, an
// input is one load, a weight one broadcast. Per task and group of T tiles:
//
//   V = B' d B    [points][tile][input channel]
//   for each panel of filters
//     M = V * U   [points][tile][filter], stays in the first-level cache
//     Y = A' M A  handed over to what is fused behind, pixel by pixel
//
// U = G g G' is computed once per call. Where a tile reaches over the border,
// its pixels are first collected in a patch with zeros; other tiles are read in
// place. Tiles that stick out of the output are computed whole, and what exists
// of them is handed over.
//
// The points are 0, 1, -1 and infinity for m = 2, and 0, +-5/8, +-3/2 and
// infinity for m = 4. The usual +-1, +-2 have an error 2.3 times as large
// (README.md); 1/sqrt(2) and sqrt(2) are as good as these, but no short binary
// fractions.
//
// The truth for all of it: ConvReference.cpp, within 1e-4.
#include "ConvWinograd.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

// On a convolution: the m of F(m x m, 3x3), or 0 for the direct kernel.
constexpr llvm::StringLiteral kWinogradAttr = "nn.winograd";

constexpr double kA = 0.625, kB = 1.5; // F(4x4,3x3)

using Line = SmallVector<Value, 6>;

// One-dimensional transforms, on values of any float type.
class Transforms {
public:
  Transforms(Emitter &e, int64_t outputs) : e(e), m(outputs) {}

  // B' d: n -> n. A row has the coefficients of the product of (x - point) over
  // all points but its own.
  Line input(ArrayRef<Value> d) {
    if (m == 2)
      return {sub(d[0], d[2]), add(d[1], d[2]), sub(d[2], d[1]),
              sub(d[3], d[1])};
    constexpr double a2 = kA * kA, b2 = kB * kB;
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
  Line filter(ArrayRef<Value> g) {
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

  // A' M: n -> m. Output i is the sum over the points' i-th powers, and
  // infinity counts for the last one.
  Line output(ArrayRef<Value> x) {
    if (m == 2)
      return {add(add(x[0], x[1]), x[2]), add(sub(x[1], x[2]), x[3])};
    Value evenA = add(x[1], x[2]), oddA = sub(x[1], x[2]);
    Value evenB = add(x[3], x[4]), oddB = sub(x[3], x[4]);
    auto powers = [&](int i, Value xa, Value xb) {
      return fma(std::pow(kA, i), xa, scaled(std::pow(kB, i), xb));
    };
    return {add(x[0], add(evenA, evenB)), powers(1, oddA, oddB),
            powers(2, evenA, evenB), add(x[5], powers(3, oddA, oddB))};
  }

private:
  Value add(Value x, Value y) {
    return arith::AddFOp::create(e.b, e.loc, x, y);
  }
  Value sub(Value x, Value y) {
    return arith::SubFOp::create(e.b, e.loc, x, y);
  }
  Value scaled(double c, Value x) {
    return arith::MulFOp::create(e.b, e.loc, x, e.constant(x.getType(), c));
  }
  Value fma(double c, Value x, Value y) {
    return vector::FMAOp::create(e.b, e.loc, e.constant(x.getType(), c), x, y);
  }

  Emitter &e;
  int64_t m;
};

class WinogradKernel {
public:
  /// `weight(out, in, row, column)` loads an element of the filter.
  using Weight = std::function<Value(Value, Value, int64_t, int64_t)>;

  WinogradKernel(KernelBuilder &k, Value in, Value bias,
                 const WinogradProblem &p, const WinogradSchedule &t)
      : k(k), in(in), bias(bias), p(p), t(t), transforms(k, t.outputs),
        m(t.outputs), n(t.outputs + 2), tilesWide(p.tiles(1, m)),
        tileCount(p.tiles(0, m) * tilesWide),
        vector(
            cast<VectorType>(cast<MemRefType>(in.getType()).getElementType())) {
    int64_t tasks = KernelBuilder::taskCount(p.blocks);
    auto scratch = [&](int64_t rows, int64_t row) {
      return k.scratch(MemRefType::get({tasks, rows, row}, vector));
    };
    U = k.scratch(MemRefType::get({(p.outChannels + t.filters - 1) / t.filters,
                                   n * n, p.inChannels, t.filters},
                                  vector.getElementType()));
    V = scratch(n * n, padded(t.tiles * p.inChannels));
    M = scratch(n * n, padded(t.tiles * t.panel));
    if (reachesOverBorder())
      patch = scratch(n * n, p.inChannels);
    if (!handsOverFromRegisters())
      Y = scratch(m * m, 4);
  }

  void emit(const Weight &weight) {
    transformFilters(weight);
    k.forEachBlock(p.blocks, [&](Value block) {
      k.loop(k.index(0), k.index(tileCount), t.tiles,
             [&](Value first) { emitTiles(block, first); });
    });
  }

private:
  // Consecutive points must not fall into one set of the cache.
  static int64_t padded(int64_t row) { return row % 16 ? row : row + 2; }

  bool reachesOverBorder() const {
    for (int i = 0; i < 2; ++i)
      if (p.padding[i] > 0 || p.tiles(i, m) * m + 2 - p.padding[i] > p.in[i])
        return true;
    return false;
  }

  // Few pixels, all of which exist: what is fused behind is emitted for each of
  // them. Otherwise it is emitted for one pixel in a loop.
  bool handsOverFromRegisters() const {
    return m == 2 && p.out[0] % m == 0 && p.out[1] % m == 0;
  }

  void choose(Value condition, llvm::function_ref<void()> then,
              llvm::function_ref<void()> otherwise) {
    auto branch =
        scf::IfOp::create(k.b, k.loc, condition, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(k.b);
    k.b.setInsertionPointToStart(branch.thenBlock());
    then();
    k.b.setInsertionPointToStart(branch.elseBlock());
    otherwise();
  }

  //===-- Filters --------------------------------------------------------===//

  // In double precision: that costs nothing here, and rounds a weight once.
  void transformFilters(const Weight &weight) {
    k.forEachParallel(p.outChannels, [&](Value f) {
      k.loop(p.inChannels, [&](Value c) {
        SmallVector<Value> g;
        for (int64_t i = 0; i < 3; ++i)
          for (int64_t j = 0; j < 3; ++j)
            g.push_back(arith::ExtFOp::create(k.b, k.loc, k.b.getF64Type(),
                                              weight(f, c, i, j)));
        SmallVector<Value> u = transformBoth(
            g, 3, 3, [&](ArrayRef<Value> x) { return transforms.filter(x); });
        Value block = k.div(f, t.filters),
              lane = k.sub(f, k.mul(block, t.filters));
        for (int64_t x = 0; x < n * n; ++x)
          k.store(arith::TruncFOp::create(k.b, k.loc, vector.getElementType(),
                                          u[x]),
                  U, {block, k.index(x), c, lane});
      });
    });
  }

  //===-- Input ----------------------------------------------------------===//

  struct Position {
    Value row, column; // first output pixel of a tile
  };
  Position positionOf(Value tile) {
    Value row = k.div(tile, tilesWide),
          column = k.sub(tile, k.mul(row, tilesWide));
    return {k.mul(row, m), k.mul(column, m)};
  }

  void transformInput(Value block, Value tile, Value slot) {
    Position at = positionOf(tile);
    Value row = k.add(at.row, -p.padding[0]),
          column = k.add(at.column, -p.padding[1]);
    fetchAhead(block, k.min(k.add(tile, t.tiles), k.index(tileCount - 1)));
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
    choose(inside, inPlace, [&] {
      collect(block, row, column);
      transformPixels(slot, [&](int64_t i, int64_t j, Value c) {
        return k.load(patch, {k.task, k.index(i * n + j), c});
      });
    });
  }

  // The rows and columns in which a tile of the next group differs from its
  // neighbours come from far, and the products leave time to fetch them: 5 % of
  // the kernel.
  void fetchAhead(Value block, Value tile) {
    Position at = positionOf(tile);
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

  void collect(Value block, Value row, Value column) {
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
          exists,
          [&] {
            fill([&](Value c) { return k.load(in, {block, ih, iw, c}); });
          },
          [&] { fill([&](Value) { return k.constant(vector, 0); }); });
    });
  }

  void
  transformPixels(Value slot,
                  llvm::function_ref<Value(int64_t, int64_t, Value)> pixel) {
    k.loop(p.inChannels, [&](Value c) {
      SmallVector<Value> d;
      for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j)
          d.push_back(pixel(i, j, c));
      SmallVector<Value> v = transformBoth(
          d, n, n, [&](ArrayRef<Value> x) { return transforms.input(x); });
      Value place = k.add(k.mul(slot, p.inChannels), c);
      for (int64_t x = 0; x < n * n; ++x)
        k.store(v[x], V, {k.task, k.index(x), place});
    });
  }

  //===-- Products -------------------------------------------------------===//

  // Tiles [first, first + T) of the image, as many as there are.
  void emitTiles(Value block, Value first) {
    int64_t rest = tileCount % t.tiles;
    Value count =
        rest ? k.min(k.sub(k.index(tileCount), first), k.index(t.tiles))
             : k.index(t.tiles);
    k.loop(k.index(0), count, 1, [&](Value slot) {
      transformInput(block, k.add(first, slot), slot);
    });
    auto panel = [&](Value filter, int64_t filters) {
      auto products = [&](int64_t tiles) {
        k.loop(n * n, [&](Value point) {
          for (int64_t f = 0; f < filters; f += t.filters)
            emitProduct(point, tiles, filter, f,
                        std::min(t.filters, filters - f));
        });
      };
      announce(block, first, count, filter, filters);
      if (rest) {
        Value whole = arith::CmpIOp::create(
            k.b, k.loc, arith::CmpIPredicate::eq, count, k.index(t.tiles));
        choose(whole, [&] { products(t.tiles); }, [&] { products(rest); });
      } else {
        products(t.tiles);
      }
      k.loop(k.index(0), count, 1, [&](Value slot) {
        handOver(block, positionOf(k.add(first, slot)), slot, filter, filters);
      });
    };
    int64_t whole = p.outChannels / t.panel * t.panel;
    k.loop(k.index(0), k.index(whole), t.panel,
           [&](Value f) { panel(f, t.panel); });
    if (p.outChannels > whole)
      panel(k.index(whole), p.outChannels - whole);
  }

  void announce(Value block, Value first, Value count, Value panel,
                int64_t filters) {
    k.loop(k.index(0), count, 1, [&](Value slot) {
      Position at = positionOf(k.add(first, slot));
      // Of tiles that stick out, the last pixel again.
      auto exists = [&](int axis, Value pixel) {
        return p.out[axis] % m ? k.min(pixel, k.index(p.out[axis] - 1)) : pixel;
      };
      for (int64_t i = 0; i < m * m; ++i)
        k.announce(block,
                   {exists(0, k.add(at.row, i / m)),
                    exists(1, k.add(at.column, i % m))},
                   {panel, filters});
    });
  }

  // tiles x filters of M at one point; the first filter is panel + f.
  void emitProduct(Value point, int64_t tiles, Value panel, int64_t f,
                   int64_t filters) {
    Value weights = k.div(k.add(panel, f), t.filters);
    SmallVector<Value> zeros(tiles * filters, k.constant(vector, 0));
    SmallVector<Value> sums = k.reduce(
        k.index(0), k.index(p.inChannels), 1, zeros,
        [&](Value c, ValueRange carried) {
          SmallVector<Value> v, out(carried);
          for (int64_t i = 0; i < tiles; ++i)
            v.push_back(k.load(V, {k.task, point, k.add(c, i * p.inChannels)}));
          for (int64_t g = 0; g < filters; ++g) {
            Value u =
                k.splat(k.load(U, {weights, point, c, k.index(g)}), vector);
            for (int64_t i = 0; i < tiles; ++i)
              out[i * filters + g] = vector::FMAOp::create(
                  k.b, k.loc, u, v[i], carried[i * filters + g]);
          }
          return out;
        });
    for (int64_t i = 0; i < tiles; ++i)
      for (int64_t g = 0; g < filters; ++g)
        k.store(sums[i * filters + g], M,
                {k.task, point, k.index(i * t.panel + f + g)});
  }

  //===-- Output ---------------------------------------------------------===//

  // The pixels of one tile, four filters at a time.
  void handOver(Value block, Position at, Value slot, Value panel,
                int64_t filters) {
    auto four = [&](Value f, int64_t count) {
      Value channel = k.add(panel, f);
      SmallVector<SmallVector<Value>> y; // [filter][pixel]
      for (int64_t g = 0; g < count; ++g) {
        SmallVector<Value> x;
        Value place = k.add(k.add(k.mul(slot, t.panel), f), g);
        for (int64_t i = 0; i < n * n; ++i)
          x.push_back(k.load(M, {k.task, k.index(i), place}));
        y.push_back(transformBoth(
            x, n, n, [&](ArrayRef<Value> x) { return transforms.output(x); }));
        if (bias) {
          Value b = k.splat(k.load(bias, {k.add(channel, g)}), vector);
          for (Value &pixel : y.back())
            pixel = arith::AddFOp::create(k.b, k.loc, pixel, b);
        }
        if (Y)
          for (int64_t i = 0; i < m * m; ++i)
            k.store(y[g][i], Y, {k.task, k.index(i), k.index(g)});
      }
      if (Y)
        return handOverLoop(block, at, {channel, count});
      for (int64_t i = 0; i < m * m; ++i)
        k.emit(block, {k.add(at.row, i / m), k.add(at.column, i % m)},
               {channel, count},
               llvm::map_to_vector(y, [&](auto &pixels) { return pixels[i]; }));
    };
    k.loop(k.index(0), k.index(filters / 4 * 4), 4,
           [&](Value f) { four(f, 4); });
    if (filters % 4)
      four(k.index(filters / 4 * 4), filters % 4);
  }

  void handOverLoop(Value block, Position at, ChannelBlock channels) {
    auto extent = [&](int i, Value first) {
      return p.out[i] % m ? k.min(k.sub(k.index(p.out[i]), first), k.index(m))
                          : k.index(m);
    };
    k.loop(k.index(0), extent(0, at.row), 1, [&](Value i) {
      k.loop(k.index(0), extent(1, at.column), 1, [&](Value j) {
        SmallVector<Value> values;
        for (int64_t g = 0; g < channels.count; ++g)
          values.push_back(
              k.load(Y, {k.task, k.add(k.mul(i, m), j), k.index(g)}));
        k.emit(block, {k.add(at.row, i), k.add(at.column, j)}, channels,
               values);
      });
    });
  }

  KernelBuilder &k;
  Value in, bias;
  WinogradProblem p;
  WinogradSchedule t;
  Transforms transforms;
  int64_t m, n, tilesWide, tileCount;
  VectorType vector;
  Value U;              // [blocks of filters][points][input channel][filter]
  Value V, M, patch, Y; // [task][point or pixel][...]
};

} // namespace

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

WinogradProblem winogradProblem(const ConvShape &s, int64_t vectorBytes,
                                int64_t blocks) {
  return {s.channels, s.filters, s.in, s.out, s.padding, blocks, vectorBytes};
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
  auto schedule = chooseWinograd(p, k.vectorRegisters(), k.accuracy);
  // An op may bring its own choice: tests and measurements do.
  if (auto forced = k.op->getAttrOfType<IntegerAttr>(kWinogradAttr);
      forced && k.accuracy != Accuracy::Exact) {
    schedule.reset();
    if (forced.getInt() == 2 || forced.getInt() == 4)
      schedule = winogradTiles(p, forced.getInt(), k.vectorRegisters());
  }
  if (!schedule)
    return false;
  k.setSchedule(schedule->describe());
  k.note("Winograd: the multiply-adds are those of the direct form, of which "
         "fewer are done");
  k.acceptSpills(kWinogradSpills.str());
  Value filter = k.operand(1);
  WinogradKernel(k, k.operand(0), bias, p, *schedule)
      .emit([&](Value out, Value in, int64_t i, int64_t j) {
        if (backwardData) // turned by 180 degrees, input and output exchanged
          return k.load(filter, {in, out, k.index(2 - i), k.index(2 - j)});
        return k.load(filter, {out, in, k.index(i), k.index(j)});
      });
  return true;
}

} // namespace gradmill::nn
