// Backward-weights of 3x3 convolutions with stride 1 in Winograd's form, F(3x3,
// m x m), m = 2 or 4. An m x m tile of the cotangent and the n x n pixels of
// the input that it saw, n = m + 2, give their part of the 3 x 3 weights with
// 16 multiplications instead of 36 (m = 2), or 36 instead of 144 (m = 4).
//
//   dW = G' [ sum over tiles and images of (A dy A') * (B' x B) ] G
//
// This is the adjoint of F(m x m, 3x3) in the filter, with its points and its
// transforms (ConvWinograd.cpp). For each of the n x n points it is a matrix
// product [channels] x [filters] over all tiles of all images, with the filters
// in the lanes (FilterLanes.h). Per task and group of T tiles:
//
//   V = B' x B    [points][tile][channel][image]
//   U = A dy A'   [points][panel of filters][tile][image][filter]
//   for each panel, b vectors of filters
//     M += V U    [panel][channel][point][filter], a x b vectors of it in
//                 registers
//
// and with the task's last tiles G' M G, which are its partial sums.
//
// Each product prefetches a share of what the next tiles read. Without this, 16
// to 16 channels at 32x32 take 1.35 times as long.
//
// The reference: ConvReference.cpp, within 1e-4.
#include "winograd/ConvWinograd.h"
#include "shared/FilterLanes.h"
#include "shared/Loops.h"
#include "winograd/WinogradInput.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

class WinogradWeightsKernel {
public:
  WinogradWeightsKernel(KernelBuilder &k, const WinogradProblem &p,
                        const WinogradWeightsSchedule &t)
      : k(k), p(p), t(t), transforms(k, t.outputs), m(t.outputs),
        n(t.outputs + 2), tasks(KernelBuilder::taskCount(p.blocks)),
        input(k, k.operand(0), p, m, t.tiles, /*scalars=*/true),
        filters(k, p.outChannels), vector(filters.vector), lanes(filters.lanes),
        vectors(filters.vectors), panels(llvm::divideCeil(vectors, t.vectors)) {
    auto scratch = [&](ArrayRef<int64_t> shape) {
      return k.scratch(MemRefType::get(shape, vector));
    };
    D = scratch({tasks, m * m, transposed(), lanes});
    U = scratch(
        {tasks, n * n, WinogradInput::padded(t.tiles * lanes * vectors)});
    M = scratch({tasks, panels * p.inChannels * n * n, t.vectors});
    partial = filters.partialSums(tasks, 9 * p.inChannels);
    if (m == 4) {
      factors = scratch({tasks, WinogradTransforms::kFactors});
      input.useFactors(factors);
    }
  }

  void emit() {
    k.forEachTask(p.blocks, [&](Value task, Value begin, Value end) {
      if (factors)
        transforms.storeFactors(factors, task);
      k.loopBlocks(begin, end, [&](Value block) {
        k.loop(k.index(0), k.index(input.tiles()), t.tiles,
               [&](Value first) { emitTiles(block, first); });
      });
    });
    filters.combine(partial, k.result(0), /*channelFirst=*/true);
  }

private:
  // Tiles [first, first + T) of the image, as far as they exist.
  void emitTiles(Value block, Value first) {
    Value count = input.countFrom(first);
    k.loop(k.index(0), count, 1, [&](Value slot) {
      WinogradInput::At at = input.positionOf(k.add(first, slot));
      input.transform(block, at, slot);
      transformCotangent(block, at, slot);
    });
    Value fresh = isFirst(block, first);
    cover(k, vectors, t.vectors, [&](Value f, int64_t b) {
      Panel panel{f, b};
      k.loop(n * n, [&](Value point) {
        cover(k, p.inChannels, t.inputs, [&](Value c, int64_t a) {
          if (t.tiles < input.tiles())
            fetchShare(block, first, panel, point, c, a);
          emitProduct(point, count, fresh, panel, c, a);
        });
      });
      whereLast(block, first, [&] { finish(panel); });
    });
  }

  // A panel's first vector of filters, and its number of vectors.
  struct Panel {
    Value first;
    int64_t count;
  };
  // The place of a channel and panel in M, and of a panel in a row of U.
  Value sumsOf(const Panel &panel, Value channel) {
    Value number = k.div(k.add(panel.first, t.vectors - 1), t.vectors);
    return k.mul(k.add(k.mul(number, p.inChannels), channel), n * n);
  }
  Value cotangentsOf(const Panel &panel) {
    return k.mul(panel.first, t.tiles * lanes);
  }

  // The task's part of the weights of a panel of filters.
  void finish(const Panel &panel) {
    k.nest({p.inChannels, panel.count}, [&](ValueRange i) {
      if (factors)
        transforms.loadFactors(factors, k.task);
      Value sums = sumsOf(panel, i[0]);
      SmallVector<Value> x;
      for (int64_t point = 0; point < n * n; ++point)
        x.push_back(k.load(M, {k.task, k.add(sums, point), i[1]}));
      x = transformBoth(x, n, n, [&](ArrayRef<Value> line) {
        return transforms.weights(line);
      });
      for (int64_t tap = 0; tap < 9; ++tap)
        k.store(x[tap], partial,
                {k.task, k.add(k.mul(i[0], 9), tap), k.add(panel.first, i[1])});
    });
  }

  Value equal(Value x, Value y) {
    return k.b.createOrFold<arith::CmpIOp>(k.loc, arith::CmpIPredicate::eq, x,
                                           y);
  }

  // Whether these are the first tiles of the task.
  Value isFirst(Value block, Value first) {
    Value inBlock = equal(first, k.index(0));
    if (tasks == p.blocks)
      return inBlock;
    return k.b.createOrFold<arith::AndIOp>(k.loc, inBlock,
                                           equal(block, k.taskBegin));
  }

  // At the last tiles of the task.
  void whereLast(Value block, Value first, llvm::function_ref<void()> body) {
    Value last = equal(first, k.index((input.tiles() - 1) / t.tiles * t.tiles));
    if (tasks != p.blocks)
      last = k.b.createOrFold<arith::AndIOp>(k.loc, last,
                                             equal(k.add(block, 1), k.taskEnd));
    if (getConstantIntValue(last))
      body(); // one pass, one group
    else
      choose(k, last, body, [] {});
  }

  // The product's share of what the next tiles read, as if these were
  // neighbours in a row, pixel row by pixel row. All at once would fill the
  // queue of misses, in which loads wait.
  void fetchShare(Value block, Value first, const Panel &panel, Value point,
                  Value c, int64_t inputs) {
    // A loop over channels x vectors of filters x points.
    int64_t all = p.inChannels * vectors * n * n, part = inputs * panel.count;
    Value points = k.add(k.mul(panel.first, n * n), k.mul(point, panel.count));
    Value done = k.add(k.mul(points, p.inChannels), k.mul(c, panel.count));
    WinogradInput::At next = input.positionOf(k.add(first, t.tiles));
    auto fetch = [&](unsigned operand, int64_t width, int64_t channels,
                     std::array<int64_t, 2> skip) {
      int64_t line = std::min(t.tiles * m, width) * channels;
      Value at = k.div(k.mul(done, m * line), all);
      Value row = k.div(at, line);
      Value pixel = k.add(k.mul(k.add(k.add(next.row, row), skip[0]), width),
                          k.add(next.column, skip[1]));
      Value place = k.add(k.mul(pixel, channels), k.sub(at, k.mul(row, line)));
      for (Value source : k.sources(operand))
        fetchAhead(k, source, block, place,
                   llvm::divideCeil(part * m * line, all));
    };
    fetch(0, p.in[1], p.inChannels, {2 - p.padding[0], 2 - p.padding[1]});
    fetch(1, p.out[1], p.outChannels, {0, 0});
  }

  //===-- Cotangent ------------------------------------------------------===//

  // Vectors of filters whose pixels wait in a quarter of the first-level cache
  // for their transform.
  int64_t transposed() const {
    int64_t one = m * m * lanes * p.vectorBytes;
    return std::clamp<int64_t>(p.machine.l1Bytes / 4 / one, 1, t.vectors);
  }

  void transformCotangent(Value block, WinogradInput::At at, Value slot) {
    cover(k, vectors, t.vectors, [&](Value panel, int64_t b) {
      cover(k, b, transposed(), [&](Value first, int64_t count) {
        transformCotangent(block, at, slot, {panel, b}, first, count);
      });
    });
  }

  // Vectors [first, first + count) of a panel.
  void transformCotangent(Value block, WinogradInput::At at, Value slot,
                          const Panel &panel, Value first, int64_t count) {
    k.nest({m, m}, [&](ValueRange i) {
      collect(block, k.add(at.row, i[0]), k.add(at.column, i[1]),
              k.add(k.mul(i[0], m), i[1]), k.add(panel.first, first), count);
    });
    for (PointRows rows : pointRows())
      k.nest({count, lanes}, [&](ValueRange i) {
        Value place = k.add(k.mul(k.add(k.mul(slot, lanes), i[1]), panel.count),
                            k.add(first, i[0]));
        transformRows(rows, k.add(cotangentsOf(panel), place), i[0], i[1]);
      });
  }

  // Rows of points whose values fit in the registers: opposite points share
  // half of their sums. Each row goes from D to U in a loop of its own. By rows
  // and columns, as for the input, 24 more values would be stored.
  struct PointRows {
    int64_t from, to;
  };
  SmallVector<PointRows> pointRows() const {
    if (m == 2)
      return {{0, n}};
    return {{0, 1}, {1, 3}, {3, 5}, {5, 6}};
  }

  // Points [from, to) x n of an image's filters.
  void transformRows(PointRows rows, Value place, Value number, Value image) {
    if (factors)
      transforms.loadFactors(factors, k.task);
    SmallVector<Value> g;
    for (int64_t pixel = 0; pixel < m * m; ++pixel)
      g.push_back(k.load(D, {k.task, k.index(pixel), number, image}));
    SmallVector<Value> u = transformBoth(g, m, m, [&](ArrayRef<Value> line) {
      return transforms.cotangent(line);
    });
    for (int64_t point = rows.from * n; point < rows.to * n; ++point)
      k.store(u[point], U, {k.task, k.index(point), place});
  }

  // A pixel's vectors [first, first + count) of filters, image by image; zero
  // past the output's border.
  void collect(Value block, Value row, Value column, Value pixel, Value first,
               int64_t count) {
    auto inPlace = [&] {
      filters.transpose(
          block, row, column, first, count,
          [&](int64_t image, Value number, Value value) {
            k.store(value, D, {k.task, pixel, number, k.index(image)});
          });
    };
    Value exists;
    for (auto [axis, at] : {std::pair{0, row}, {1, column}})
      if (p.out[axis] % m) {
        Value inside = k.inRange(at, k.index(0), k.index(p.out[axis]));
        exists =
            exists ? arith::AndIOp::create(k.b, k.loc, exists, inside) : inside;
      }
    if (!exists)
      return inPlace();
    choose(k, exists, inPlace, [&] {
      k.nest({count, lanes}, [&](ValueRange i) {
        k.store(k.constant(vector, 0), D, {k.task, pixel, i[0], i[1]});
      });
    });
  }

  //===-- Products -------------------------------------------------------===//

  void emitProduct(Value point, Value count, Value fresh, const Panel &panel,
                   Value c, int64_t a) {
    int64_t b = panel.count;
    FilterLanes::Tile tile{k.add(sumsOf(panel, c), point), k.index(0), a, b,
                           /*step=*/n * n};
    auto loops = [&](ValueRange sums) {
      return k.reduce(
          k.index(0), count, 1, sums, [&](Value slot, ValueRange tileSums) {
            Value channel = k.mul(k.add(k.mul(slot, p.inChannels), c), lanes);
            Value filter = k.add(k.mul(slot, lanes * b), cotangentsOf(panel));
            return filters.addImages(
                tile, tileSums,
                [&](Value image, int64_t i) {
                  return k.load(
                      input.buffer(),
                      {k.task, point, k.add(k.add(channel, image), i * lanes)});
                },
                [&](Value image, int64_t j) {
                  return k.load(U, {k.task, point,
                                    k.add(k.add(filter, k.mul(image, b)), j)});
                });
          });
    };
    filters.accumulate(M, tile, loops, fresh);
  }

  KernelBuilder &k;
  WinogradProblem p;
  WinogradWeightsSchedule t;
  WinogradTransforms transforms;
  int64_t m, n, tasks;
  WinogradInput input;
  FilterLanes filters;
  VectorType vector;
  int64_t lanes, vectors; // of the filters
  int64_t panels;         // of t.vectors vectors of filters, or one fewer
  Value D;                // [task][pixel][vector of filters][image]
  Value U;                // [task][point][panel, tile, image, vector]
  Value M;                // [task][panel, channel, point][vector of filters]
  Value partial;          // [task][channel, tap][vector of filters]
  Value factors;          // of the transforms, if they have any
};

} // namespace

bool lowerWinogradWeights(KernelBuilder &k, const ConvShape &s) {
  if (k.isComputed(0))
    return false; // each tile would compute its pixels again
  MemRefType input = k.operandType(0);
  auto vector = dyn_cast<VectorType>(input.getElementType());
  if (!vector || vector.getNumElements() < 4 || !s.hasWinogradForm() ||
      !vector.getElementType().isF32())
    return false;
  WinogradProblem p =
      winogradProblem(s, 4 * vector.getNumElements(), input.getDimSize(0));
  p.machine = k.machine();
  auto schedule = chooseWinogradWeights(s, p, k.accuracy);
  if (auto forced = forcedWinograd(k)) {
    schedule.reset();
    if (*forced)
      schedule = winogradWeightsTiles(p, *forced);
  }
  if (!schedule)
    return false;
  noteWinograd(k, schedule->describe());
  WinogradWeightsKernel(k, p, *schedule).emit();
  return true;
}

} // namespace gradmill::nn
