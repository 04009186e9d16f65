// Linear layers as loops over vectors of images.
//
// Forward and backward-data are one kernel: a group of output features
// accumulates in registers while the input features pass by, each one vector
// load and one broadcast weight per output. Images are taken one block at a
// time: a second block would share the broadcasts, which cost nothing as memory
// operands.
//
// Backward-weights has few steps to sum over (the blocks of the batch) and many
// results. So tasks share results, not the batch: no partial sums are stored,
// and every result is summed in one order for any number of threads. A tile is
// V input features x 1 output. A butterfly of 3V instructions sums its V
// accumulators over their lanes into one vector of neighbours in the result.
//
// The reference for all of it: DenseReference.cpp, within 1e-4 (f32), 1e-10
// (f64).
#include "Dense.h"
#include "DenseSchedule.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace gradmill::nn;

static MemRefType bufferOf(Value memref) {
  return cast<MemRefType>(memref.getType());
}
static VectorType vectorOf(Value lanesBuffer) {
  return cast<VectorType>(bufferOf(lanesBuffer).getElementType());
}

//===-- Linear, backward-data ---------------------------------------------===//

// out[n, o] = bias[o] + sum over i of in[n, i] * weights[i, o].
static void emitProduct(KernelBuilder &k, Value in, Value weights, Value bias) {
  int64_t inputs = bufferOf(weights).getDimSize(0),
          outputs = bufferOf(weights).getDimSize(1);
  int64_t tile = chooseLinearTile(outputs, k.machine());
  VectorType vector = vectorOf(in);
  auto emitGroup = [&](Value block, Value first, int64_t count) {
    SmallVector<Value> acc;
    for (int64_t g = 0; g < count; ++g)
      acc.push_back(bias ? k.splat(k.load(bias, {k.add(first, g)}), vector)
                         : k.constant(vector, 0));
    acc = k.reduce(
        k.index(0), k.index(inputs), 1, acc, [&](Value i, ValueRange carried) {
          Value x = k.load(in, {block, i});
          SmallVector<Value> out;
          for (int64_t g = 0; g < count; ++g) {
            Value weight =
                k.splat(k.load(weights, {i, k.add(first, g)}), vector);
            out.push_back(
                vector::FMAOp::create(k.b, k.loc, weight, x, carried[g]));
          }
          return out;
        });
    k.emit(block, {}, {first, count, tile}, acc);
  };
  k.setSchedule(std::to_string(std::min(tile, outputs)) +
                " outputs, inputs in turn");
  k.forEachBlock(bufferOf(in).getDimSize(0), [&](Value block) {
    int64_t whole = outputs / tile * tile;
    if (outputs / tile <= 8) // constant offsets
      for (int64_t first = 0; first < whole; first += tile)
        emitGroup(block, k.index(first), tile);
    else
      k.loop(k.index(0), k.index(whole), tile,
             [&](Value first) { emitGroup(block, first, tile); });
    if (outputs > whole)
      emitGroup(block, k.index(whole), outputs - whole);
  });
}

// out[n, t, o] = bias[o] + sum over i of in[n, t, i] * weights[i, o], for all
// positions t. The first dimension of positions lies innermost, where channels
// usually lie. A tile of it and of the outputs stays in registers. Inputs lie
// as far apart as there are positions, often a power of two, so those of a tile
// would share a few sets of the cache. They are copied together, once for all
// outputs.
static void emitRows(KernelBuilder &k, Value in, Value weights, Value bias) {
  ArrayRef<int64_t> shape = bufferOf(in).getShape();
  int64_t inputs = bufferOf(weights).getDimSize(0),
          outputs = bufferOf(weights).getDimSize(1), positions = shape.back();
  RowsTile tile =
      chooseRowsTile(positions, outputs, k.channelAlignment(), k.machine());
  k.setSchedule(std::to_string(tile.positions) + " positions x " +
                std::to_string(tile.outputs) + " outputs, inputs in turn");
  VectorType vector = vectorOf(in);
  Value panel;
  if (positions > tile.positions && outputs > 2 * tile.outputs)
    panel = k.scratch(MemRefType::get(
        {KernelBuilder::taskCount(shape.front()), inputs, tile.positions},
        vector));
  auto load = [&](Value block, ValueRange others, ChannelBlock at, Value i,
                  int64_t p) {
    SmallVector<Value> from{block};
    llvm::append_range(from, others);
    from.append({i, k.add(at.first, p)});
    return k.load(in, from);
  };
  auto pack = [&](Value block, ValueRange others, ChannelBlock at) {
    k.loop(inputs, [&](Value i) {
      for (int64_t p = 0; p < at.count; ++p)
        k.store(load(block, others, at, i, p), panel, {k.task, i, k.index(p)});
    });
  };
  auto emitGroup = [&](Value block, ValueRange others, ChannelBlock at,
                       Value first, int64_t count) {
    SmallVector<Value> acc; // output by output
    for (int64_t o = 0; o < count; ++o)
      acc.append(at.count,
                 bias ? k.splat(k.load(bias, {k.add(first, o)}), vector)
                      : k.constant(vector, 0));
    acc = k.reduce(
        k.index(0), k.index(inputs), 1, acc, [&](Value i, ValueRange carried) {
          SmallVector<Value> x, out;
          for (int64_t p = 0; p < at.count; ++p)
            x.push_back(panel ? k.load(panel, {k.task, i, k.index(p)})
                              : load(block, others, at, i, p));
          for (int64_t o = 0; o < count; ++o) {
            Value weight =
                k.splat(k.load(weights, {i, k.add(first, o)}), vector);
            for (int64_t p = 0; p < at.count; ++p)
              out.push_back(vector::FMAOp::create(k.b, k.loc, weight, x[p],
                                                  carried[o * at.count + p]));
          }
          return out;
        });
    SmallVector<Position> pixels;
    for (int64_t o = 0; o < count; ++o) {
      pixels.emplace_back(others);
      pixels.back().push_back(k.add(first, o));
    }
    k.emitTile(block, pixels, at, acc);
  };
  k.forEachBlock(shape.front(), [&](Value block) {
    k.nest(shape.drop_front().drop_back(2), [&](ValueRange others) {
      k.forEachChannelBlock(
          positions,
          [&](ChannelBlock at) {
            if (panel)
              pack(block, others, at);
            int64_t whole = outputs / tile.outputs * tile.outputs;
            k.loop(k.index(0), k.index(whole), tile.outputs, [&](Value first) {
              emitGroup(block, others, at, first, tile.outputs);
            });
            if (outputs > whole)
              emitGroup(block, others, at, k.index(whole), outputs - whole);
          },
          tile.positions);
    });
  });
}

static void emitLinear(KernelBuilder &k, Value weights, Value bias) {
  Value in = k.operand(0);
  if (bufferOf(in).getRank() == 2)
    emitProduct(k, in, weights, bias);
  else
    emitRows(k, in, weights, bias);
}

// [O, I] to [I, O], so that the weights of a group are neighbours. In place
// they lie I apart, which for I = 1024 is always the same set of the cache.
static Value transpose(KernelBuilder &k, Value weight) {
  int64_t outputs = bufferOf(weight).getDimSize(0),
          inputs = bufferOf(weight).getDimSize(1);
  Value packed = k.scratch(
      MemRefType::get({inputs, outputs}, bufferOf(weight).getElementType()));
  // A line of each row at a time: its elements go to so many columns, whose
  // lines stay in the cache until they are full.
  int64_t line = elementsPerLine(bufferOf(weight).getElementType());
  auto columns = [&](Value number) {
    Value first = k.mul(number, line),
          end = k.min(k.add(first, line), k.index(inputs));
    k.loop(outputs, [&](Value o) {
      k.loop(first, inputs % line ? end : k.add(first, line), 1, [&](Value i) {
        k.store(k.load(weight, {o, i}), packed, {i, o});
      });
    });
  };
  constexpr int64_t kWorthThreads = 1 << 14;
  int64_t parts = llvm::divideCeil(inputs, line);
  if (inputs * outputs < kWorthThreads)
    k.loop(parts, columns);
  else
    k.forEachParallel(parts, columns);
  return packed;
}

LogicalResult LinearOp::lower(KernelBuilder &k) {
  emitLinear(k, transpose(k, k.operand(1)), getBias() ? k.operand(2) : Value());
  return success();
}

LogicalResult LinearBackwardDataOp::lower(KernelBuilder &k) {
  emitLinear(k, k.operand(1), Value());
  return success();
}

//===-- Backward-weights --------------------------------------------------===//

// For sequences: positions are further steps of the sum, and a tile is inputs x
// outputs, V in all, so that each loaded vector is a factor of several
// products.
namespace {
class RowsGradient {
public:
  explicit RowsGradient(KernelBuilder &k)
      : k(k), x(k.operand(0)), dy(k.operand(1)), grad(k.result(0)),
        vector(vectorOf(x)), outputs(bufferOf(grad).getDimSize(0)),
        inputs(bufferOf(grad).getDimSize(1)) {
    // Groups of images, positions without the first dimension's, and the first
    // dimension, which lies innermost.
    ArrayRef<int64_t> shape = bufferOf(x).getShape();
    steps.push_back(shape.front());
    llvm::append_range(steps, shape.drop_front().drop_back(2));
    steps.push_back(shape.back());
    tile = chooseGradientTile(inputs, outputs, vector.getNumElements(),
                              steps.front(),
                              saturatingProduct(ArrayRef(steps).drop_front()),
                              elementBytes(vector), k.machine());
  }

  // A task has a part of the inputs and outputs. It reads some images of both,
  // which stay in the cache for all tiles, and then the next ones.
  void lower() {
    k.setSchedule(std::to_string(tile.inputs) + " inputs x " +
                  std::to_string(tile.outputs) +
                  " outputs, batch and positions in turn");
    int64_t tasksI = llvm::divideCeil(inputs, tile.part),
            tasksO = llvm::divideCeil(outputs, tile.part);
    k.forEachParallel(tasksI * tasksO, [&](Value task) {
      Value first = k.div(task, tasksO);
      Value beginI = k.mul(first, tile.part),
            beginO = k.mul(k.sub(task, k.mul(first, tasksO)), tile.part);
      auto pass = [&](Value begin, bool isFirst) {
        Value end = k.min(k.add(begin, tile.blocks), k.index(steps.front()));
        // The taller side of a tile, which stays in the cache, in the outer
        // loop.
        forTiles(beginI, inputs, tile.inputs, [&](Value i, int64_t countI) {
          forTiles(beginO, outputs, tile.outputs, [&](Value o, int64_t countO) {
            add(sumTile(begin, end, i, countI, o, countO), i, countI, o, countO,
                isFirst);
          });
        });
      };
      pass(k.index(0), true);
      k.loop(k.index(tile.blocks), k.index(steps.front()), tile.blocks,
             [&](Value begin) { pass(begin, false); });
    });
  }

private:
  // Tiles of a task's part of `size` features; the last one may be smaller.
  void forTiles(Value begin, int64_t size, int64_t step,
                llvm::function_ref<void(Value, int64_t)> body) {
    Value end = k.min(k.add(begin, tile.part), k.index(size));
    int64_t whole = size / step * step;
    k.loop(begin, k.min(end, k.index(whole)), step,
           [&](Value first) { body(first, step); });
    if (whole < size)
      k.loop(k.max(begin, k.index(whole)), end, step,
             [&](Value first) { body(first, size - whole); });
  }

  // The gradients of a tile's weights, output by output, for some of the
  // images.
  Value sumTile(Value begin, Value end, Value i, int64_t countI, Value o,
                int64_t countO) {
    Value zero = k.constant(vector, 0);
    SmallVector<Value> acc =
        k.reduce(begin, end, 1, SmallVector<Value>(countI * countO, zero),
                 [&](Value block, ValueRange carried) {
                   return sumPositions({block}, i, countI, o, countO, carried);
                 });
    acc.resize(vector.getNumElements(), zero);
    return k.sumRows(acc);
  }

  SmallVector<Value> sumPositions(SmallVector<Value> at, Value i,
                                  int64_t countI, Value o, int64_t countO,
                                  ValueRange carried) {
    if (at.size() < steps.size())
      return k.reduce(k.index(0), k.index(steps[at.size()]), 1, carried,
                      [&](Value step, ValueRange inner) {
                        SmallVector<Value> next(at);
                        next.push_back(step);
                        return sumPositions(next, i, countI, o, countO, inner);
                      });
    auto load = [&](Value memref, Value feature) {
      SmallVector<Value> from(at);
      from.insert(from.end() - 1, feature);
      return k.load(memref, from);
    };
    SmallVector<Value> factors, out;
    for (int64_t a = 0; a < countI; ++a)
      factors.push_back(load(x, k.add(i, a)));
    for (int64_t b = 0; b < countO; ++b) {
      Value d = k.present(load(dy, k.add(o, b)), at.front());
      for (int64_t a = 0; a < countI; ++a)
        out.push_back(vector::FMAOp::create(k.b, k.loc, factors[a], d,
                                            carried[b * countI + a]));
    }
    return out;
  }

  void add(Value sums, Value i, int64_t countI, Value o, int64_t countO,
           bool isFirst) {
    auto row = VectorType::get({countI}, vector.getElementType());
    for (int64_t b = 0; b < countO; ++b) {
      auto lanes =
          llvm::to_vector(llvm::seq<int64_t>(b * countI, (b + 1) * countI));
      Value sum = vector::ShuffleOp::create(k.b, k.loc, sums, sums, lanes);
      SmallVector<Value> to{k.add(o, b), i};
      if (!isFirst)
        sum = arith::AddFOp::create(
            k.b, k.loc, vector::LoadOp::create(k.b, k.loc, row, grad, to), sum);
      vector::StoreOp::create(k.b, k.loc, sum, grad, to);
    }
  }

  KernelBuilder &k;
  Value x, dy, grad;
  VectorType vector;
  int64_t outputs, inputs;
  SmallVector<int64_t> steps;
  GradientTile tile;
};
} // namespace

LogicalResult LinearBackwardWeightsOp::lower(KernelBuilder &k) {
  Value x = k.operand(0), dy = k.operand(1), grad = k.result(0);
  if (bufferOf(x).getRank() > 2) {
    RowsGradient(k).lower();
    return success();
  }
  VectorType vector = vectorOf(x);
  int64_t lanes = vector.getNumElements(), blocks = bufferOf(x).getDimSize(0);
  int64_t outputs = bufferOf(grad).getDimSize(0),
          inputs = bufferOf(grad).getDimSize(1);
  Value zero = k.constant(vector, 0);
  k.setSchedule(std::to_string(std::min(lanes, inputs)) +
                " inputs x 1 output, batch in turn");
  // The gradients of `count` weights from [o, first] on.
  auto sumTile = [&](Value first, int64_t count, Value o) {
    SmallVector<Value> acc(count, zero);
    acc = k.reduce(k.index(0), k.index(blocks), 1, acc,
                   [&](Value block, ValueRange carried) {
                     Value d = k.present(k.load(dy, {block, o}), block);
                     SmallVector<Value> out;
                     for (int64_t j = 0; j < count; ++j)
                       out.push_back(vector::FMAOp::create(
                           k.b, k.loc, k.load(x, {block, k.add(first, j)}), d,
                           carried[j]));
                     return out;
                   });
    acc.resize(lanes, zero);
    return k.sumRows(acc);
  };
  // A tile of the input stays in the cache for all outputs in turn.
  if (inputs >= lanes)
    k.forEachParallel(inputs / lanes, [&](Value tile) {
      Value first = k.mul(tile, lanes);
      k.loop(outputs, [&](Value o) {
        vector::StoreOp::create(k.b, k.loc, sumTile(first, lanes, o), grad,
                                ValueRange{o, first});
      });
    });
  if (int64_t rest = inputs % lanes)
    k.forEachParallel(outputs, [&](Value o) {
      Value first = k.index(inputs - rest);
      Value sums = sumTile(first, rest, o);
      for (int64_t j = 0; j < rest; ++j)
        k.store(vector::ExtractOp::create(k.b, k.loc, sums, j), grad,
                {o, k.add(first, j)});
    });
  return success();
}

Layout LinearOp::getOperandLayout(unsigned i) {
  return i == 0 ? Layout::Lanes : Layout::Dense;
}
Layout LinearBackwardDataOp::getOperandLayout(unsigned i) {
  return i == 0 ? Layout::Lanes : Layout::Dense;
}
Layout LinearBackwardWeightsOp::getResultLayout(unsigned) {
  return Layout::Dense;
}

