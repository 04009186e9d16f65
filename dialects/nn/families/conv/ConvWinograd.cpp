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
// The truth for all of it: ConvReference.cpp, within 1e-4.
#include "ConvWinograd.h"
#include "Loops.h"
#include "WinogradInput.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

class WinogradKernel {
public:
  /// `weight(out, in, row, column)` loads an element of the filter.
  using Weight = std::function<Value(Value, Value, int64_t, int64_t)>;

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
    U = k.scratch(MemRefType::get({(p.outChannels + t.filters - 1) / t.filters,
                                   n * n, p.inChannels, t.filters},
                                  vector.getElementType()));
    M = scratch(n * n, WinogradInput::padded(t.tiles * t.panel));
    if (!handsOverFromRegisters())
      Y = scratch(m * m, 4);
  }

  void emit(const Weight &weight) {
    transformFilters(weight);
    k.forEachBlock(p.blocks, [&](Value block) {
      k.loop(k.index(0), k.index(input.tiles()), t.tiles,
             [&](Value first) { emitTiles(block, first); });
    });
  }

private:
  // Few pixels, all of which exist: what is fused behind is emitted for each of
  // them. Otherwise it is emitted for one pixel in a loop.
  bool handsOverFromRegisters() const {
    return m == 2 && p.out[0] % m == 0 && p.out[1] % m == 0;
  }

  //===-- Filters --------------------------------------------------------===//

  void transformFilters(const Weight &weight) {
    k.forEachParallel(p.outChannels, [&](Value f) {
      k.loop(p.inChannels, [&](Value c) {
        Value block = k.div(f, t.filters),
              lane = k.sub(f, k.mul(block, t.filters));
        transformFilter(
            transforms,
            [&](int64_t i, int64_t j) { return weight(f, c, i, j); },
            [&](int64_t point, Value u) {
              k.store(u, U, {block, k.index(point), c, lane});
            });
      });
    });
  }

  //===-- Products -------------------------------------------------------===//

  // Tiles [first, first + T) of the image, as many as there are.
  void emitTiles(Value block, Value first) {
    int64_t rest = input.tiles() % t.tiles;
    Value count =
        rest ? k.min(k.sub(k.index(input.tiles()), first), k.index(t.tiles))
             : k.index(t.tiles);
    k.loop(k.index(0), count, 1, [&](Value slot) {
      input.transform(block, k.add(first, slot), slot);
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
        choose(k, whole, [&] { products(t.tiles); }, [&] { products(rest); });
      } else {
        products(t.tiles);
      }
      k.loop(k.index(0), count, 1, [&](Value slot) {
        handOver(block, input.positionOf(k.add(first, slot)), slot, filter,
                 filters);
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
      WinogradInput::At at = input.positionOf(k.add(first, slot));
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
            v.push_back(k.load(input.buffer(),
                               {k.task, point, k.add(c, i * p.inChannels)}));
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
  void handOver(Value block, WinogradInput::At at, Value slot, Value panel,
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

  void handOverLoop(Value block, WinogradInput::At at, ChannelBlock channels) {
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
  Value bias;
  WinogradProblem p;
  WinogradSchedule t;
  WinogradTransforms transforms;
  int64_t m, n;
  WinogradInput input;
  VectorType vector;
  Value U;    // [blocks of filters][points][input channel][filter]
  Value M, Y; // [task][point or pixel][...]
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
      .emit([&](Value out, Value in, int64_t i, int64_t j) {
        if (backwardData) // turned by 180 degrees, input and output exchanged
          return k.load(filter, {in, out, k.index(2 - i), k.index(2 - j)});
        return k.load(filter, {out, in, k.index(i), k.index(j)});
      });
  return true;
}

} // namespace gradmill::nn
