// Linear layers as loops over vectors of images.
//
// Forward and backward-data are one kernel: a group of output features
// accumulates in registers while the input features pass by, each one vector
// load and one broadcast weight per output. Images are taken one block at a
// time: a second block would share the broadcasts, which cost nothing where
// they are memory operands.
//
// Backward-weights has few steps to sum over (the blocks of the batch) and many
// results. So tasks share results, not the batch: no partial sums are stored,
// and every result is summed in one order for any number of threads. A tile is
// V input features x 1 output; its V accumulators, summed over their lanes, are
// one vector of neighbours in the result, by a butterfly of 3V instructions.
//
// The truth for all of it: DenseReference.cpp, within 1e-4 (f32), 1e-10 (f64).
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

// [O, I] to [I, O], so that the weights of a group are neighbours: in place
// they lie I apart, which for I = 1024 is one and the same set of the cache.
static Value transpose(KernelBuilder &k, Value weight) {
  int64_t outputs = bufferOf(weight).getDimSize(0),
          inputs = bufferOf(weight).getDimSize(1);
  Value packed = k.scratch(
      MemRefType::get({inputs, outputs}, bufferOf(weight).getElementType()));
  auto row = [&](Value i) {
    k.loop(outputs,
           [&](Value o) { k.store(k.load(weight, {o, i}), packed, {i, o}); });
  };
  constexpr int64_t kWorthThreads = 1 << 14;
  if (inputs * outputs < kWorthThreads)
    k.loop(inputs, row);
  else
    k.forEachParallel(inputs, row);
  return packed;
}

LogicalResult LinearOp::lower(KernelBuilder &k) {
  emitProduct(k, k.operand(0), transpose(k, k.operand(1)),
              getBias() ? k.operand(2) : Value());
  return success();
}

LogicalResult LinearBackwardDataOp::lower(KernelBuilder &k) {
  emitProduct(k, k.operand(0), k.operand(1), Value());
  return success();
}

//===-- Backward-weights --------------------------------------------------===//

// One vector whose lane j is the sum over the lanes of rows[j]: halves are
// added pairwise until one row is left. The order is fixed.
static Value sumRows(KernelBuilder &k, SmallVector<Value> rows) {
  int64_t lanes = cast<VectorType>(rows.front().getType()).getNumElements();
  // After the step with `half` lanes a row holds, at lane l, partial sums of
  // the rows whose number has the bits of l at and above `half`.
  for (int64_t half = lanes / 2; half >= 1; half /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      bool second = lane & half;
      low.push_back((lane & ~half) + (second ? lanes : 0));
      high.push_back((lane | half) + (second ? lanes : 0));
    }
    SmallVector<Value> sums;
    int64_t count = rows.size() / 2;
    for (int64_t r = 0; r < count; ++r) {
      Value a = rows[r], b = rows[r + count];
      Value x = vector::ShuffleOp::create(k.b, k.loc, a, b, low);
      Value y = vector::ShuffleOp::create(k.b, k.loc, a, b, high);
      sums.push_back(arith::AddFOp::create(k.b, k.loc, x, y));
    }
    rows = std::move(sums);
  }
  return rows.front();
}

LogicalResult LinearBackwardWeightsOp::lower(KernelBuilder &k) {
  Value x = k.operand(0), dy = k.operand(1), grad = k.result(0);
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
    return sumRows(k, acc);
  };
  // For all outputs in turn a tile of the input stays in cache.
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

bool LinearOp::supportsEpilogue() { return true; }
bool LinearBackwardDataOp::supportsEpilogue() { return true; }
