// Convolutions as loops over vectors of images.
//
// Forward and backward-data are one kernel: a tile of P pixels x G channels of
// accumulators stays in registers while the taps (kernel row, kernel column,
// input channel) are summed. With the batch in the lanes an input element is one
// vector load, a weight is one broadcast, and neither channel counts nor borders
// ever need a mask: at borders the tap loops are clipped instead of padding the
// input, and no multiplication by padding is done.
//
// Backward-weights keeps a tile of A input x B output channels and sums over
// pixels; rows are the outer loop, so that one row of input and cotangent stays
// in the first-level cache while all tiles pass over it.
//
// The truth for all of it: ConvReference.cpp, within 1e-4 (f32), 1e-10 (f64).
#include "Conv.h"
#include "ConvSchedule.h"
#include "ConvWinograd.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace gradmill::nn;

namespace {

// The kernel shared by forward and backward-data. For output pixel o and tap k the
// input pixel is (o*scale + offset + k*step) / divisor, where it divides:
//   forward:       o*stride - padding + k*dilation
//   backward-data: (o + padding - k*dilation) / stride
struct Axis {
  int64_t in, out, kernel;
  int64_t scale, offset, step, divisor;
};

class TapKernel {
public:
  TapKernel(KernelBuilder &k, Value in, Value weights, Value bias, Axis h, Axis w,
            int64_t groups, int64_t inChannels, int64_t outChannels)
      : k(k), in(in), weights(weights), bias(bias), h(h), w(w), groups(groups),
        inChannels(inChannels), outChannels(outChannels),
        vector(cast<VectorType>(cast<MemRefType>(in.getType()).getElementType())),
        tile(chooseConvTile(outChannels, w.out, h.divisor * w.divisor == 1,
                            k.vectorRegisters())),
        borderTile(chooseConvTile(outChannels, 1, false, k.vectorRegisters())) {}

  void emit(int64_t blocks) {
    k.forEachBlock(blocks, [&](Value block) {
      k.loop(h.out, [&](Value row) { emitRow(block, row); });
    });
  }

private:
  // Pixels whose taps all lie inside the input take tiles of P; the rest, at the
  // borders, are done one by one with clipped taps.
  void emitRow(Value block, Value row) {
    int64_t lo = 0, hi = 0;
    if (w.divisor == 1) {
      int64_t first = std::min<int64_t>(w.offset, w.offset + w.step * (w.kernel - 1));
      int64_t last = std::max<int64_t>(w.offset, w.offset + w.step * (w.kernel - 1));
      lo = std::clamp<int64_t>((-first + w.scale - 1) / w.scale, 0, w.out);
      hi = w.in - 1 - last < 0 ? 0 : (w.in - 1 - last) / w.scale + 1;
      hi = std::clamp<int64_t>(hi, lo, w.out);
    }
    auto border = [&](int64_t from, int64_t to) {
      k.loop(k.index(from), k.index(to), 1,
             [&](Value column) { emitChannels(block, row, column, borderTile, true); });
    };
    border(0, lo);
    int64_t whole = (hi - lo) / tile.pixels * tile.pixels;
    k.loop(k.index(lo), k.index(lo + whole), tile.pixels, [&](Value column) {
      emitChannels(block, row, column, tile, false);
    });
    if (int64_t rest = hi - lo - whole)
      emitChannels(block, row, k.index(lo + whole), {rest, tile.channels}, false);
    border(hi, w.out);
  }

  void emitChannels(Value block, Value row, Value column, ConvTile tile, bool clip) {
    int64_t whole = outChannels / tile.channels * tile.channels;
    auto oneGroup = [&](Value group) {
      auto at = [&](Value f, int64_t count) {
        emitTile(block, row, column, tile.pixels, clip, group, f, count);
      };
      // Fused formulas may need channel offsets that are constant or multiples of 4.
      // A loop keeps the code small: what is fused behind is emitted once per tile.
      if (tile.channels % 4)
        for (int64_t f = 0; f < whole; f += tile.channels)
          at(k.index(f), tile.channels);
      else
        k.loop(k.index(0), k.index(whole), tile.channels,
               [&](Value f) { at(f, tile.channels); });
      if (outChannels > whole)
        at(k.index(whole), outChannels - whole);
    };
    k.loop(groups, oneGroup);
  }

  // Taps [lo, hi) that hit the input at output position o.
  std::pair<Value, Value> tapRange(const Axis &a, Value o, bool clip) {
    if (!clip || a.divisor != 1)
      return {k.index(0), k.index(a.kernel)};
    Value start = k.add(k.mul(o, a.scale), a.offset); // input pixel of tap 0
    Value lo, hi;
    if (a.step > 0) {
      lo = k.ceilDiv(k.sub(k.index(0), start), a.step);
      hi = k.ceilDiv(k.sub(k.index(a.in), start), a.step);
    } else { // start - t*|step| in [0, in)
      lo = k.ceilDiv(k.add(start, 1 - a.in), -a.step);
      hi = k.ceilDiv(k.add(start, 1), -a.step);
    }
    return {k.max(lo, k.index(0)), k.min(hi, k.index(a.kernel))};
  }

  bool needsClip(const Axis &a) const {
    int64_t first = a.offset, last = (a.out - 1) * a.scale + a.offset;
    int64_t reach = a.step * (a.kernel - 1);
    return a.divisor != 1 || std::min(first, first + reach) < 0 ||
           std::max(last, last + reach) >= a.in;
  }

  // The input position of a tap; with a divisor also whether there is one.
  Value inputAt(const Axis &a, Value o, Value tap, Value &valid) {
    Value at = k.add(k.add(k.mul(o, a.scale), k.mul(tap, a.step)), a.offset);
    if (a.divisor == 1)
      return at;
    Value remainder = k.b.createOrFold<arith::RemSIOp>(k.loc, at, k.index(a.divisor));
    Value divides = k.b.createOrFold<arith::CmpIOp>(k.loc, arith::CmpIPredicate::eq,
                                                    remainder, k.index(0));
    Value quotient = k.b.createOrFold<arith::DivSIOp>(k.loc, at, k.index(a.divisor));
    Value ok = arith::AndIOp::create(k.b, k.loc, divides,
                                     k.inRange(at, k.index(0), k.index(a.in * a.divisor)));
    valid = valid ? arith::AndIOp::create(k.b, k.loc, valid, ok).getResult() : ok;
    return quotient;
  }

  void emitTile(Value block, Value row, Value column, int64_t pixels, bool clip, Value group,
                Value f, int64_t channels) {
    Value filter = k.add(k.mul(group, outChannels), f); // over all groups
    SmallVector<Value> acc;
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t g = 0; g < channels; ++g)
        acc.push_back(bias ? k.splat(k.load(bias, {k.add(filter, g)}), vector)
                           : k.constant(vector, 0));
    auto [rowLo, rowHi] = tapRange(h, row, needsClip(h));
    auto [colLo, colHi] = tapRange(w, column, clip);
    acc = k.reduce(rowLo, rowHi, 1, acc, [&, colLo = colLo, colHi = colHi](
                                              Value kh, ValueRange rows) {
      return k.reduce(colLo, colHi, 1, rows, [&](Value kw, ValueRange columns) {
        return emitTap(block, row, column, pixels, group, filter, channels, kh, kw, columns);
      });
    });
    for (int64_t p = 0; p < pixels; ++p)
      k.emit(block, {row, k.add(column, p)}, {filter, channels, groups == 1 || outChannels % 4 == 0},
             ArrayRef<Value>(acc).slice(p * channels, channels));
  }

  SmallVector<Value> emitTap(Value block, Value row, Value column, int64_t pixels, Value group,
                             Value filter, int64_t channels, Value kh, Value kw,
                             ValueRange acc) {
    Value valid;
    Value ih = inputAt(h, row, kh, valid), iw = inputAt(w, column, kw, valid);
    auto sum = [&] {
      return k.reduce(k.index(0), k.index(inChannels), 1, acc, [&](Value c, ValueRange carried) {
        return emitProducts(block, ih, iw, pixels, k.add(k.mul(group, inChannels), c), filter,
                            channels, kh, kw, c, carried);
      });
    };
    if (!valid)
      return sum();
    auto branch = scf::IfOp::create(k.b, k.loc, acc.getTypes(), valid, /*withElse=*/true);
    OpBuilder::InsertionGuard guard(k.b);
    k.b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(k.b, k.loc, sum());
    k.b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(k.b, k.loc, acc);
    return SmallVector<Value>(branch.getResults());
  }

  SmallVector<Value> emitProducts(Value block, Value ih, Value iw, int64_t pixels, Value inC,
                                  Value filter, int64_t channels, Value kh, Value kw, Value c,
                                  ValueRange acc) {
    SmallVector<Value> x, out;
    for (int64_t p = 0; p < pixels; ++p)
      x.push_back(k.load(in, {block, ih, k.add(iw, p * w.scale), inC}));
    SmallVector<Value> weight;
    for (int64_t g = 0; g < channels; ++g)
      weight.push_back(k.splat(k.load(weights, {kh, kw, c, k.add(filter, g)}), vector));
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t g = 0; g < channels; ++g)
        out.push_back(
            vector::FMAOp::create(k.b, k.loc, weight[g], x[p], acc[p * channels + g]));
    return out;
  }

  KernelBuilder &k;
  Value in, weights, bias; // weights: [KH, KW, input channel of the group, output channel]
  Axis h, w;
  int64_t groups, inChannels, outChannels; // per group
  VectorType vector;
  // One pixel alone needs more channels than a tile of several to fill the pipeline.
  ConvTile tile, borderTile;
};

} // namespace

// Filters [F, C/g, KH, KW] with the output channel of the kernel innermost, so
// that the weights of a tile are neighbours.
static Value packFilter(KernelBuilder &k, Value filter, const ConvShape &s, bool backward) {
  Type element = cast<MemRefType>(filter.getType()).getElementType();
  int64_t inner = backward ? s.channels : s.filters;
  int64_t outer = backward ? s.groupFilters() : s.groupChannels();
  Value packed = k.scratch(MemRefType::get({s.kernel[0], s.kernel[1], outer, inner}, element));
  k.nest({s.groups, s.groupFilters(), s.groupChannels(), s.kernel[0], s.kernel[1]},
         [&](ValueRange i) {
           Value f = k.add(k.mul(i[0], s.groupFilters()), i[1]);
           Value c = k.add(k.mul(i[0], s.groupChannels()), i[2]);
           Value value = k.load(filter, {f, i[2], i[3], i[4]});
           k.store(value, packed, {i[3], i[4], backward ? i[1] : i[2], backward ? c : f});
         });
  return packed;
}

static int64_t blocksOf(Value lanesBuffer) {
  return cast<MemRefType>(lanesBuffer.getType()).getDimSize(0);
}

LogicalResult Conv2DOp::lower(KernelBuilder &k) {
  ConvShape s = shapeOf(*this);
  if (lowerWinograd(k, s, false, getBias() ? k.operand(2) : Value()))
    return success();
  auto axis = [&](int i) {
    return Axis{s.in[i], s.out[i], s.kernel[i], s.stride[i], -s.padding[i], s.dilation[i], 1};
  };
  TapKernel kernel(k, k.operand(0), packFilter(k, k.operand(1), s, false),
                   getBias() ? k.operand(2) : Value(), axis(0), axis(1), s.groups,
                   s.groupChannels(), s.groupFilters());
  kernel.emit(blocksOf(k.operand(0)));
  return success();
}

LogicalResult Conv2DBackwardDataOp::lower(KernelBuilder &k) {
  ConvShape s = shapeOf(*this);
  if (lowerWinograd(k, s, true, Value()))
    return success();
  auto axis = [&](int i) {
    return Axis{s.out[i], s.in[i], s.kernel[i], 1, s.padding[i], -s.dilation[i], s.stride[i]};
  };
  TapKernel kernel(k, k.operand(0), packFilter(k, k.operand(1), s, true), Value(), axis(0),
                   axis(1), s.groups, s.groupFilters(), s.groupChannels());
  kernel.emit(blocksOf(k.operand(0)));
  return success();
}

Layout Conv2DOp::getOperandLayout(unsigned i) { return i == 0 ? Layout::Lanes : Layout::Dense; }
bool Conv2DOp::supportsEpilogue() { return true; }
Layout Conv2DBackwardDataOp::getOperandLayout(unsigned i) {
  return i == 0 ? Layout::Lanes : Layout::Dense;
}
bool Conv2DBackwardDataOp::supportsEpilogue() { return true; }
Layout Conv2DBackwardWeightsOp::getResultLayout(unsigned) { return Layout::Dense; }

//===-- Backward-weights --------------------------------------------------===//

namespace {
class WeightsKernel {
public:
  WeightsKernel(KernelBuilder &k, const ConvShape &s)
      : k(k), s(s), x(k.operand(0)), dy(k.operand(1)),
        vector(cast<VectorType>(cast<MemRefType>(x.getType()).getElementType())),
        tile(chooseWeightsTile(s.groupChannels(), s.groupFilters(), k.vectorRegisters())),
        rows(rowsPerPass(s, vector)) {
    int64_t tasks = KernelBuilder::taskCount(blocksOf(x));
    partial = k.scratch(MemRefType::get(
        {tasks, s.kernel[0], s.kernel[1], s.groupChannels(), s.filters}, vector));
  }

  void emit() {
    k.forEachTask(blocksOf(x), [&](Value task, Value begin, Value end) {
      k.nest({s.kernel[0], s.kernel[1], s.groupChannels(), s.filters}, [&](ValueRange i) {
        k.store(k.constant(vector, 0), partial, {task, i[0], i[1], i[2], i[3]});
      });
      k.loop(begin, end, 1, [&](Value block) {
        k.loop(k.index(0), k.index(s.out[0]), rows, [&](Value row) {
          Value rowEnd = k.min(k.add(row, rows), k.index(s.out[0]));
          k.nest({s.kernel[0], s.kernel[1], s.groups}, [&](ValueRange tap) {
            emitTap(task, block, row, rowEnd, tap[0], tap[1], tap[2]);
          });
        });
      });
    });
    combine();
  }

private:
  // Outputs [lo, hi) of an axis whose tap lies inside the input.
  std::pair<Value, Value> outputRange(int i, Value tap) {
    Value shift = k.add(k.mul(tap, s.dilation[i]), -s.padding[i]);
    Value lo = k.ceilDiv(k.sub(k.index(0), shift), s.stride[i]);
    Value hi = k.ceilDiv(k.sub(k.index(s.in[i]), shift), s.stride[i]);
    return {k.max(lo, k.index(0)), k.min(hi, k.index(s.out[i]))};
  }

  void emitTap(Value task, Value block, Value row, Value rowEnd, Value kh, Value kw,
               Value group) {
    auto [rowLo, rowHi] = outputRange(0, kh);
    rowLo = k.max(rowLo, row);
    rowHi = k.min(rowHi, rowEnd);
    // Whole tiles in a loop, the remainder as a smaller tile.
    auto cover = [&](int64_t size, int64_t step, auto body) {
      int64_t whole = size / step * step;
      k.loop(k.index(0), k.index(whole), step, [&](Value i) { body(i, step); });
      if (size > whole)
        body(k.index(whole), size - whole);
    };
    auto lo = rowLo, hi = rowHi;
    cover(s.groupChannels(), tile.inputs, [&](Value c, int64_t inputs) {
      cover(s.groupFilters(), tile.outputs, [&](Value f, int64_t outputs) {
        emitTile(task, block, lo, hi, kh, kw, group, c, inputs, f, outputs);
      });
    });
  }

  void emitTile(Value task, Value block, Value rowLo, Value rowHi, Value kh, Value kw,
                Value group, Value c, int64_t inputs, Value f, int64_t outputs) {
    Value filter = k.add(k.mul(group, s.groupFilters()), f);
    Value channel = k.add(k.mul(group, s.groupChannels()), c);
    auto address = [&](int64_t i, int64_t j) {
      return SmallVector<Value>{task, kh, kw, k.add(c, i), k.add(filter, j)};
    };
    SmallVector<Value> acc;
    for (int64_t i = 0; i < inputs; ++i)
      for (int64_t j = 0; j < outputs; ++j)
        acc.push_back(k.load(partial, address(i, j)));
    auto [colLo, colHi] = outputRange(1, kw);
    acc = k.reduce(rowLo, rowHi, 1, acc, [&, colLo = colLo, colHi = colHi](
                                              Value row, ValueRange rowAcc) {
      Value ih = k.add(k.add(k.mul(row, s.stride[0]), k.mul(kh, s.dilation[0])), -s.padding[0]);
      return k.reduce(colLo, colHi, 1, rowAcc, [&](Value column, ValueRange carried) {
        Value iw =
            k.add(k.add(k.mul(column, s.stride[1]), k.mul(kw, s.dilation[1])), -s.padding[1]);
        SmallVector<Value> in, out, products;
        for (int64_t i = 0; i < inputs; ++i)
          in.push_back(k.load(x, {block, ih, iw, k.add(channel, i)}));
        for (int64_t j = 0; j < outputs; ++j)
          out.push_back(k.load(dy, {block, row, column, k.add(filter, j)}));
        for (int64_t i = 0; i < inputs; ++i)
          for (int64_t j = 0; j < outputs; ++j)
            products.push_back(
                vector::FMAOp::create(k.b, k.loc, in[i], out[j], carried[i * outputs + j]));
        return products;
      });
    });
    for (int64_t i = 0; i < inputs; ++i)
      for (int64_t j = 0; j < outputs; ++j)
        k.store(acc[i * outputs + j], partial, address(i, j));
  }

  // Partial sums of the tasks, in order, then the lanes, in order.
  void combine() {
    Value grad = k.result(0);
    int64_t tasks = KernelBuilder::taskCount(blocksOf(x));
    k.forEachParallel(s.filters, [&](Value f) {
      k.nest({s.groupChannels(), s.kernel[0], s.kernel[1]}, [&](ValueRange i) {
        Value sum =
            k.reduce(k.index(0), k.index(tasks), 1, {k.constant(vector, 0)},
                     [&](Value task, ValueRange carried) -> SmallVector<Value> {
                       Value part = k.load(partial, {task, i[1], i[2], i[0], f});
                       return {arith::AddFOp::create(k.b, k.loc, carried[0], part)};
                     })
                .front();
        k.store(k.sumLanes(sum), grad, {f, i[0], i[1], i[2]});
      });
    });
  }

  // As many output rows per pass as keep input and cotangent in half of a 48 KB cache.
  static int64_t rowsPerPass(const ConvShape &s, VectorType vector) {
    int64_t bytes = vector.getNumElements() * vector.getElementTypeBitWidth() / 8;
    int64_t row = (s.in[1] * s.channels * s.stride[0] + s.out[1] * s.filters) * bytes;
    return std::clamp<int64_t>(24 * 1024 / row, 1, s.out[0]);
  }

  KernelBuilder &k;
  ConvShape s;
  Value x, dy, partial;
  VectorType vector;
  WeightsTile tile;
  int64_t rows;
};
} // namespace

LogicalResult Conv2DBackwardWeightsOp::lower(KernelBuilder &k) {
  WeightsKernel(k, shapeOf(*this)).emit();
  return success();
}
