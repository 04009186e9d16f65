// Backward-weights of 3x3 convolutions with stride 1 in Winograd's form,
// F(3x3, 2x2): a 2 x 2 tile of the cotangent and the 4 x 4 pixels of the input
// that it saw give their part of the 3 x 3 weights with 16 multiplications
// instead of 36.
//
//   dW = A' [ sum over tiles and images of (G dy G') * (B' x B) ] A
//
// For each of the 16 points that is a matrix product [channels] x [filters]
// over all tiles of all images, with the filters in the lanes (FilterLanes.h).
// Per task and group of T tiles:
//
//   V = B' x B    [points][tile][channel][image]
//   U = G dy G'   [points][tile][image][filter]
//   M += V U      [points][channel][filter], a x b vectors of it in registers
//
// and at the end of the task A' M A, which are the partial sums of the task.
//
// The truth for it: ConvReference.cpp, within 1e-4.
#include "ConvWinograd.h"
#include "FilterLanes.h"
#include "Loops.h"
#include "WinogradInput.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

constexpr int64_t kOutputs = 2, kPoints = 16;

class WinogradWeightsKernel {
public:
  WinogradWeightsKernel(KernelBuilder &k, const WinogradProblem &p,
                        const WinogradWeightsSchedule &t)
      : k(k), p(p), t(t), transforms(k, kOutputs),
        input(k, k.operand(0), p, kOutputs, t.tiles, /*scalars=*/true),
        filters(k, k.operand(1), p.outChannels), vector(filters.vector),
        lanes(filters.lanes), vectors(filters.vectors) {
    int64_t tasks = KernelBuilder::taskCount(p.blocks);
    auto scratch = [&](ArrayRef<int64_t> shape) {
      return k.scratch(MemRefType::get(shape, vector));
    };
    D = scratch({tasks, kOutputs * kOutputs, lanes, vectors});
    U = scratch(
        {tasks, kPoints, WinogradInput::padded(t.tiles * lanes * vectors)});
    M = scratch({tasks, kPoints * p.inChannels, vectors});
    partial = filters.partialSums(tasks, 9 * p.inChannels);
  }

  void emit() {
    k.forEachTask(p.blocks, [&](Value task, Value begin, Value end) {
      filters.clear(M);
      k.loopBlocks(begin, end, [&](Value block) {
        k.loop(k.index(0), k.index(input.tiles()), t.tiles,
               [&](Value first) { emitTiles(block, first); });
      });
      k.nest({p.inChannels, vectors}, [&](ValueRange i) {
        SmallVector<Value> x;
        for (int64_t point = 0; point < kPoints; ++point)
          x.push_back(
              k.load(M, {task, k.add(i[0], point * p.inChannels), i[1]}));
        x = transformBoth(x, 4, 4, [&](ArrayRef<Value> line) {
          return transforms.weights(line);
        });
        for (int64_t tap = 0; tap < 9; ++tap)
          k.store(x[tap], partial,
                  {task, k.add(i[0], tap * p.inChannels), i[1]});
      });
    });
    filters.combine(partial, k.result(0));
  }

private:
  // Tiles [first, first + T) of the image, as many as there are.
  void emitTiles(Value block, Value first) {
    Value count =
        input.tiles() % t.tiles
            ? k.min(k.sub(k.index(input.tiles()), first), k.index(t.tiles))
            : k.index(t.tiles);
    k.loop(k.index(0), count, 1, [&](Value slot) {
      Value tile = k.add(first, slot);
      input.transform(block, tile, slot);
      transformCotangent(block, input.positionOf(tile), slot);
    });
    k.loop(kPoints, [&](Value point) {
      input.fetchAhead(block, k.add(first, t.tiles), point, kPoints);
      fetchCotangent(block, k.add(first, t.tiles), point);
      cover(k, vectors, t.vectors, [&](Value f, int64_t b) {
        cover(k, p.inChannels, t.inputs, [&](Value c, int64_t a) {
          emitProduct(point, count, c, a, f, b);
        });
      });
    });
  }

  void fetchCotangent(Value block, Value next, Value step) {
    input.eachPart(next, step, kPoints, [&](Value row, Value column) {
      auto inside = [&](int axis, Value pixel) {
        return p.out[axis] % kOutputs ? k.min(pixel, k.index(p.out[axis] - 1))
                                      : pixel;
      };
      int64_t line = elementsPerLine(vector);
      for (int64_t f = 0; f < p.outChannels; f += line)
        k.prefetch(k.operand(1),
                   {block, inside(0, row), inside(1, column), k.index(f)},
                   /*write=*/false, /*near=*/false);
    });
  }

  //===-- Cotangent ------------------------------------------------------===//

  void transformCotangent(Value block, WinogradInput::At at, Value slot) {
    for (int64_t i = 0; i < kOutputs; ++i)
      for (int64_t j = 0; j < kOutputs; ++j) {
        Value row = k.add(at.row, i), column = k.add(at.column, j);
        Value pixel = k.index(i * kOutputs + j);
        auto inPlace = [&] {
          filters.transpose(block, row, column, k.index(0), vectors,
                            [&](int64_t image, Value number, Value value) {
                              k.store(value, D,
                                      {k.task, pixel, k.index(image), number});
                            });
        };
        Value exists;
        if (i && p.out[0] % kOutputs)
          exists = k.inRange(row, k.index(0), k.index(p.out[0]));
        if (j && p.out[1] % kOutputs) {
          Value inside = k.inRange(column, k.index(0), k.index(p.out[1]));
          exists = exists ? arith::AndIOp::create(k.b, k.loc, exists, inside)
                          : inside;
        }
        if (!exists)
          inPlace();
        else
          choose(k, exists, inPlace, [&] {
            k.nest({lanes, vectors}, [&](ValueRange i) {
              k.store(k.constant(vector, 0), D, {k.task, pixel, i[0], i[1]});
            });
          });
      }
    k.nest({lanes, vectors}, [&](ValueRange i) {
      SmallVector<Value> g;
      for (int64_t pixel = 0; pixel < kOutputs * kOutputs; ++pixel)
        g.push_back(k.load(D, {k.task, k.index(pixel), i[0], i[1]}));
      SmallVector<Value> u =
          transformBoth(g, kOutputs, kOutputs, [&](ArrayRef<Value> line) {
            return transforms.cotangent(line);
          });
      Value place =
          k.add(k.mul(k.add(k.mul(slot, lanes), i[0]), vectors), i[1]);
      for (int64_t point = 0; point < kPoints; ++point)
        k.store(u[point], U, {k.task, k.index(point), place});
    });
  }

  //===-- Products -------------------------------------------------------===//

  void emitProduct(Value point, Value count, Value c, int64_t a, Value f,
                   int64_t b) {
    FilterLanes::Tile tile{k.add(k.mul(point, p.inChannels), c), f, a, b};
    filters.accumulate(M, tile, [&](ValueRange sums) {
      return k.reduce(
          k.index(0), count, 1, sums, [&](Value slot, ValueRange tileSums) {
            Value channel = k.mul(k.add(k.mul(slot, p.inChannels), c), lanes);
            Value filter = k.add(k.mul(slot, lanes * vectors), f);
            return filters.addImages(
                tile, tileSums,
                [&](Value image, int64_t i) {
                  return k.load(
                      input.buffer(),
                      {k.task, point, k.add(k.add(channel, image), i * lanes)});
                },
                [&](Value image, int64_t j) {
                  return k.load(
                      U, {k.task, point,
                          k.add(k.add(filter, k.mul(image, vectors)), j)});
                });
          });
    });
  }

  KernelBuilder &k;
  WinogradProblem p;
  WinogradWeightsSchedule t;
  WinogradTransforms transforms;
  WinogradInput input;
  FilterLanes filters;
  VectorType vector;
  int64_t lanes, vectors; // of the filters
  Value D;                // [task][pixel][image][vector of filters]
  Value U;                // [task][point][tile, image, vector of filters]
  Value M;                // [task][point, channel][vector of filters]
  Value partial;          // [task][tap, channel][vector of filters]
};

} // namespace

bool lowerWinogradWeights(KernelBuilder &k, const ConvShape &s) {
  auto input = cast<MemRefType>(k.operand(0).getType());
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
      schedule = winogradWeightsTiles(p);
  }
  if (!schedule)
    return false;
  noteWinograd(k, schedule->describe());
  WinogradWeightsKernel(k, p, *schedule).emit();
  return true;
}

} // namespace gradmill::nn
