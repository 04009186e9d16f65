// Convolutions as loops over vectors of images.
//
// Forward and backward-data are one kernel: a tile of P pixels x G channels of
// accumulators stays in registers while the taps (kernel row, kernel column,
// input channel) are summed. With the batch in the lanes an input element is
// one vector load, a weight is one broadcast, and neither channel counts nor
// borders ever need a mask: at borders the tap loops are clipped instead of
// padding the input, and no multiplication by padding is done. Backward-data of
// a strided convolution is one such kernel for each of the pixels that have the
// same taps.
//
// Backward-weights keeps a tile of input x output channels and sums over
// pixels.
//
// The truth for all of it: ConvReference.cpp, within 1e-4 (f32), 1e-10 (f64).
#include "Conv.h"
#include "ConvAxis.h"
#include "ConvFilterLanes.h"
#include "ConvGather.h"
#include "ConvPhases.h"
#include "ConvSchedule.h"
#include "ConvWinograd.h"
#include "Loops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <numeric>

using namespace mlir;
using namespace gradmill::nn;

namespace {

// A correlation: forward convolution, and backward-data with its filter turned
// round.
class TapKernel {
public:
  TapKernel(KernelBuilder &k, Value in, Value weights, Value bias, Axis h,
            Axis w, int64_t groups, int64_t inChannels, int64_t outChannels)
      : k(k), in(in), weights(weights), bias(bias), h(h), w(w), groups(groups),
        inChannels(inChannels), outChannels(outChannels),
        vector(
            cast<VectorType>(cast<MemRefType>(in.getType()).getElementType())),
        merged(groups == 1 && w.step == 1),
        fetches(h.scale > 1 && h.taps >= h.scale) {
    if (!merged)
      return;
    // [kernel column][channel] is contiguous in the input and in the filter:
    // one loop.
    this->in = k.collapse(in, {{0}, {1}, {2, 3}});
    this->weights = k.collapse(weights, {{0}, {1, 2}, {3}});
  }

  void emit(Value block) {
    k.loop(h.out, [&](Value row) { emitRow(block, row); });
  }

  /// For the report: the tile of most pixels, and what keeps others from it.
  std::string describe() const {
    auto [lo, hi] = w.inside();
    ConvTile tile = tileFor(std::max<int64_t>(hi - lo, 1));
    if (hi - lo < w.out)
      k.note(std::to_string(w.out - (hi - lo)) + " of " +
             std::to_string(w.out) +
             " pixels of a row are at the border: one by one, taps clipped");
    if (tile.pixels * tile.channels < 8)
      k.note("fewer than 8 sums at a time: they wait for each other");
    return counted(tile.pixels, "pixel") + " x " +
           counted(tile.channels, "channel") +
           (merged ? ", taps kh, (kw c)" : ", taps kh, kw, c");
  }

private:
  ConvTile tileFor(int64_t width) const {
    return chooseConvTile(outChannels, width, k.machine(), alignment());
  }

  int64_t alignment() const {
    return tileAlignment(outChannels, h.taps * w.taps * inChannels,
                         elementsPerLine(vector), k.channelAlignment());
  }

  // Pixels whose taps all lie inside the input take tiles of P; the rest, at
  // the borders, are done one by one with clipped taps.
  void emitRow(Value block, Value row) {
    auto [lo, hi] = w.inside();
    auto border = [&](int64_t from, int64_t to) {
      k.loop(k.index(from), k.index(to), 1, [&](Value column) {
        emitChannels(block, row, column, tileFor(1), true);
      });
    };
    border(0, lo);
    for (Run run : splitAxis(hi - lo, tileFor(hi - lo).pixels)) {
      ConvTile tile = tileFor(run.size);
      tile.pixels = run.size;
      int64_t first = lo + run.first;
      k.loop(k.index(first), k.index(first + run.count * run.size), run.size,
             [&](Value column) {
               announce(block, row, k.add(column, run.size), run.size);
               emitChannels(block, row, column, tile, false);
             });
    }
    border(hi, w.out);
  }

  // The next tile; behind the last of a row, that is the next row's first.
  void announce(Value block, Value row, Value column, int64_t pixels) {
    for (int64_t p = 0; p < pixels; ++p)
      k.announce(block, positionOf(row, k.add(column, p)),
                 {k.index(0), groups * outChannels});
  }

  Position positionOf(Value row, Value column) {
    return {k.add(k.mul(row, h.spread), h.first),
            k.add(k.mul(column, w.spread), w.first)};
  }

  void emitChannels(Value block, Value row, Value column, ConvTile tile,
                    bool clip) {
    k.loop(groups, [&](Value group) {
      for (Run run : splitAxis(outChannels, tile.channels, alignment()))
        k.loop(k.index(run.first), k.index(run.first + run.count * run.size),
               run.size, [&](Value f) {
                 int64_t starts = std::gcd(run.size, run.first);
                 if (groups > 1)
                   starts = std::gcd(starts, outChannels);
                 Value filter =
                     k.add(k.mul(group, outChannels), f); // over all groups
                 emitTile(block, row, column, tile.pixels, clip, group,
                          {filter, run.size, starts});
               });
    });
  }

  // Taps [lo, hi) that hit the input at output o.
  std::pair<Value, Value> tapRange(const Axis &a, Value o, bool clip) {
    if (!clip)
      return {k.index(0), k.index(a.taps)};
    Value start = k.add(k.mul(o, a.scale), a.offset); // input of tap 0
    Value lo = k.ceilDiv(k.sub(k.index(0), start), a.step);
    Value hi = k.ceilDiv(k.sub(k.index(a.in), start), a.step);
    return {k.max(lo, k.index(0)), k.min(hi, k.index(a.taps))};
  }

  static Value inputAt(Emitter &e, const Axis &a, Value o, Value tap) {
    return e.add(e.add(e.mul(o, a.scale), e.mul(tap, a.step)), a.offset);
  }

  void emitTile(Value block, Value row, Value column, int64_t pixels, bool clip,
                Value group, ChannelBlock f) {
    if (fetches)
      fetchNextRow(block, row, column, pixels, f);
    SmallVector<Value> acc;
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t g = 0; g < f.count; ++g)
        acc.push_back(bias ? k.splat(k.load(bias, {k.add(f.first, g)}), vector)
                           : k.constant(vector, 0));
    auto [rowLo, rowHi] = tapRange(h, row, h.clips());
    auto [colLo, colHi] = tapRange(w, column, clip);
    acc = k.reduce(
        rowLo, rowHi, 1, acc,
        [&, colLo = colLo, colHi = colHi](Value kh, ValueRange rows) {
          Value ih = inputAt(k, h, row, kh);
          if (merged)
            return k.reduce(
                k.mul(colLo, inChannels), k.mul(colHi, inChannels), 1, rows,
                [&](Value j, ValueRange carried) {
                  Value base = k.mul(k.add(k.mul(column, w.scale), w.offset),
                                     inChannels);
                  return products(
                      pixels, f.count, carried,
                      [&](int64_t p) {
                        return k.load(in, {block, ih,
                                           k.add(k.add(base, j),
                                                 p * w.scale * inChannels)});
                      },
                      [&](int64_t g) {
                        return k.load(weights, {kh, j, k.add(f.first, g)});
                      });
                });
          return k.reduce(
              colLo, colHi, 1, rows, [&](Value kw, ValueRange columns) {
                Value iw = inputAt(k, w, column, kw);
                return k.reduce(
                    k.index(0), k.index(inChannels), 1, columns,
                    [&](Value c, ValueRange carried) {
                      Value channel = k.add(k.mul(group, inChannels), c);
                      return products(
                          pixels, f.count, carried,
                          [&](int64_t p) {
                            return k.load(
                                in,
                                {block, ih, k.add(iw, p * w.scale), channel});
                          },
                          [&](int64_t g) {
                            return k.load(weights,
                                          {kh, kw, c, k.add(f.first, g)});
                          });
                    });
              });
        });
    SmallVector<Position> at;
    for (int64_t p = 0; p < pixels; ++p)
      at.push_back(positionOf(row, k.add(column, p)));
    k.emitTile(block, at, f, acc);
  }

  // The rows that the next row of the result sees first, a part by each tile.
  void fetchNextRow(Value block, Value row, Value column, int64_t pixels,
                    ChannelBlock f) {
    int64_t channels = outChannels * groups, line = w.in * inChannels * groups;
    Value first = k.add(k.mul(row, h.scale), h.offset + h.reach() + 1);
    Value number = k.add(k.mul(column, channels), k.mul(f.first, pixels));
    fetchShare(k, in, block, k.mul(first, line), h.scale * line,
               {number, pixels * f.count, w.out * channels});
  }

  SmallVector<Value> products(int64_t pixels, int64_t channels, ValueRange acc,
                              llvm::function_ref<Value(int64_t)> input,
                              llvm::function_ref<Value(int64_t)> weight) {
    // One weight at a time: in any other order more values are alive than
    // registers.
    SmallVector<Value> x, out(acc.size());
    for (int64_t p = 0; p < pixels; ++p)
      x.push_back(input(p));
    for (int64_t g = 0; g < channels; ++g) {
      Value w = k.splat(weight(g), vector);
      for (int64_t p = 0; p < pixels; ++p) {
        int64_t i = p * channels + g;
        out[i] = vector::FMAOp::create(k.b, k.loc, w, x[p], acc[i]);
      }
    }
    return out;
  }

  KernelBuilder &k;
  Value in, weights, bias; // weights: [taps h, taps w, input channel of the
                           // group, output channel]
  Axis h, w;
  int64_t groups, inChannels, outChannels; // per group
  VectorType vector;
  bool merged;
  // Rows ahead. A stride reads many bytes per product: 16 to 32 channels at
  // 32x32 take 15 % less time. With rows that no tap reads, 1x1, it would fetch
  // those, too.
  bool fetches;
};

} // namespace

// Filters [F, C/g, KH, KW] as a TapKernel reads them: its own taps, and its
// output channel innermost, so that the weights of a tile are neighbours.
static Value packFilter(KernelBuilder &k, Value filter, const ConvShape &s,
                        const Axis &h, const Axis &w, bool backward) {
  Type element = cast<MemRefType>(filter.getType()).getElementType();
  int64_t inner = backward ? s.channels : s.filters;
  int64_t outer = backward ? s.groupFilters() : s.groupChannels();
  Value packed =
      k.scratch(MemRefType::get({h.taps, w.taps, outer, inner}, element));
  k.nest({s.groups, s.groupFilters(), s.groupChannels(), h.taps, w.taps},
         [&](ValueRange i) {
           Value f = k.add(k.mul(i[0], s.groupFilters()), i[1]);
           Value c = k.add(k.mul(i[0], s.groupChannels()), i[2]);
           auto tap = [&](const Axis &a, Value t) {
             return k.add(k.mul(t, a.filterStep), a.filterFirst);
           };
           Value value = k.load(filter, {f, i[2], tap(h, i[3]), tap(w, i[4])});
           k.store(value, packed,
                   {i[3], i[4], backward ? i[1] : i[2], backward ? c : f});
         });
  return packed;
}

static int64_t blocksOf(Value lanesBuffer) {
  return cast<MemRefType>(lanesBuffer.getType()).getDimSize(0);
}

LogicalResult Conv2DOp::lower(KernelBuilder &k) {
  ConvShape s = shapeOf(*this);
  Value bias = getBias() ? k.operand(2) : Value();
  if (lowerWinograd(k, s, false, bias))
    return success();
  Axis h = forwardAxis(s, 0), w = forwardAxis(s, 1);
  TapKernel kernel(k, k.operand(0), packFilter(k, k.operand(1), s, h, w, false),
                   bias, h, w, s.groups, s.groupChannels(), s.groupFilters());
  k.setSchedule(kernel.describe());
  k.forEachBlock(blocksOf(k.operand(0)),
                 [&](Value block) { kernel.emit(block); });
  return success();
}

LogicalResult Conv2DBackwardDataOp::lower(KernelBuilder &k) {
  ConvShape s = shapeOf(*this);
  if (lowerWinograd(k, s, true, Value()) || lowerGather(k, s) ||
      lowerPhases(k, s))
    return success();
  std::vector<TapKernel> phases;
  for (const Axis &h : backwardPhases(s, 0))
    for (const Axis &w : backwardPhases(s, 1))
      phases.emplace_back(k, k.operand(0),
                          packFilter(k, k.operand(1), s, h, w, true), Value(),
                          h, w, s.groups, s.groupFilters(), s.groupChannels());
  k.setSchedule(
      (phases.size() > 1 ? std::to_string(phases.size()) + " phases of " : "") +
      phases.front().describe());
  k.forEachBlock(blocksOf(k.operand(0)), [&](Value block) {
    for (TapKernel &phase : phases)
      phase.emit(block);
  });
  return success();
}

Layout Conv2DOp::getOperandLayout(unsigned i) {
  return i == 0 ? Layout::Lanes : Layout::Dense;
}
Layout Conv2DBackwardDataOp::getOperandLayout(unsigned i) {
  return i == 0 ? Layout::Lanes : Layout::Dense;
}

LogicalResult Conv2DBackwardDataSumOp::lower(KernelBuilder &k) {
  auto [one, other] = shapesOf(*this);
  lowerPhasesSum(k, one, other);
  return success();
}
Layout Conv2DBackwardDataSumOp::getOperandLayout(unsigned i) {
  return i % 2 ? Layout::Dense : Layout::Lanes; // filters are dense
}
Layout Conv2DBackwardWeightsOp::getResultLayout(unsigned) {
  return Layout::Dense;
}
// The cotangent is copied or transposed. The input is read for each tap and
// tile of filters; where there is one tap, and filters for about one tile, it
// may be computed.
bool Conv2DBackwardWeightsOp::readsOnce(unsigned i) {
  ConvShape s = shapeOf(*this);
  return i == 1 || (s.kernel[0] * s.kernel[1] == 1 && s.groups == 1 &&
                    !s.leavesImage(0) && !s.leavesImage(1) && s.filters <= 16);
}

//===-- Backward-weights --------------------------------------------------===//

namespace {
class WeightsKernel {
public:
  WeightsKernel(KernelBuilder &k, const ConvShape &s)
      : k(k), s(s), x(k.operand(0)), blocks(k.operandType(0).getDimSize(0)),
        vector(cast<VectorType>(k.operandType(0).getElementType())),
        merged(s.groups == 1 && s.dilation[1] == 1 && !s.leavesImage(1)) {
    // Where no column is clipped, all taps of a filter row are neighbours of a
    // pixel: [kernel column][channel] of the input is then one axis.
    columns = merged ? 1 : s.kernel[1];
    inputs = merged ? s.kernel[1] * s.groupChannels() : s.groupChannels();
    if (merged && x)
      x = k.collapse(x, {{0}, {1}, {2, 3}});
    tile = chooseWeightsTile(inputs, s.groupFilters(), k.machine(),
                             k.isComputed(0));
    rows = weightsRows(s.out[0], s.out[1]);
    int64_t tasks = KernelBuilder::taskCount(blocks);
    slice = k.scratch(MemRefType::get(
        {tasks, slices(), rows, s.out[1], tile.outputs}, vector));
    partial = k.scratch(MemRefType::get(
        {tasks, s.kernel[0], columns, inputs, s.filters}, vector));
  }

  void emit() {
    k.forEachTask(blocks, [&](Value task, Value begin, Value end) {
      k.nest({s.kernel[0], columns, inputs, s.filters}, [&](ValueRange i) {
        k.store(k.constant(vector, 0), partial, {task, i[0], i[1], i[2], i[3]});
      });
      k.loopBlocks(begin, end, [&](Value block) {
        k.loop(k.index(0), k.index(s.out[0]), rows, [&](Value row) {
          Value rowEnd = k.min(k.add(row, rows), k.index(s.out[0]));
          if (k.isComputed(1))
            copySlices(task, block, row, rowEnd);
          k.loop(s.groups, [&](Value group) {
            forEachSlice(group, [&](Value number, Value f, int64_t outputs) {
              if (!k.isComputed(1))
                copySlice(task, block, row, rowEnd, filterOf(group, f),
                          outputs);
              k.nest({s.kernel[0], columns}, [&](ValueRange tap) {
                emitTap({task, block, tap[0], tap[1], group, number}, row,
                        rowEnd, f, outputs);
              });
            });
          });
        });
      });
    });
    combine();
  }

  /// For the report.
  std::string describe() const {
    if (!merged)
      k.note(std::string(s.groups > 1        ? "groups"
                         : s.dilation[1] > 1 ? "dilation"
                                             : "padding") +
             ": one loop for each filter column, not one for all");
    return counted(tile.inputs, merged ? "(kw c)" : "input") + " x " +
           counted(tile.outputs, "output") + ", " + counted(rows, "row") +
           " a pass";
  }

private:
  struct Place {
    Value task, block, kh, kw, group, slice;
  };

  Value filterOf(Value group, Value f) {
    return k.add(k.mul(group, s.groupFilters()), f);
  }

  // A few channels of the cotangent at a time are copied close together: at the
  // distance of a pixel they would compete for a few sets of the first-level
  // cache. One slice is copied and used up; but of a cotangent that is
  // computed on the way, all slices first, as its operands lie in memory: the
  // first layer of mnist is then 0.7 of the time.
  int64_t slices() const {
    int64_t ofGroup = 0;
    for (Run run : splitAxis(s.groupFilters(), tile.outputs))
      ofGroup += run.count;
    return k.isComputed(1) ? s.groups * ofGroup : 1;
  }

  // body(number of the slice, its first filter in the group, filters)
  void forEachSlice(Value group,
                    llvm::function_ref<void(Value, Value, int64_t)> body) {
    Value number = k.mul(group, slices() / s.groups);
    for (Run run : splitAxis(s.groupFilters(), tile.outputs)) {
      k.loop(run.count, [&](Value i) {
        body(k.isComputed(1) ? k.add(number, i) : k.index(0),
             k.add(k.mul(i, run.size), run.first), run.size);
      });
      number = k.add(number, run.count);
    }
  }

  void copySlices(Value task, Value block, Value row, Value rowEnd) {
    k.loop(row, rowEnd, 1, [&](Value r) {
      k.loop(s.out[1], [&](Value column) {
        k.loop(s.groups, [&](Value group) {
          forEachSlice(group, [&](Value number, Value f, int64_t outputs) {
            copyPixel({task, number, k.sub(r, row), column}, block, r,
                      filterOf(group, f), outputs);
          });
        });
      });
    });
  }

  void copySlice(Value task, Value block, Value row, Value rowEnd, Value f,
                 int64_t outputs) {
    k.loop(row, rowEnd, 1, [&](Value r) {
      k.loop(s.out[1], [&](Value column) {
        copyPixel({task, k.index(0), k.sub(r, row), column}, block, r, f,
                  outputs);
      });
    });
  }

  // Channels [f, f + outputs) of a pixel of row r, to a place in the slices.
  void copyPixel(SmallVector<Value> place, Value block, Value r, Value f,
                 int64_t outputs) {
    Value column = place.back();
    place.push_back(Value());
    for (int64_t j = 0; j < outputs; ++j) {
      place.back() = k.index(j);
      k.store(k.present(k.element(1, block, {r, column}, k.add(f, j)), block),
              slice, place);
    }
  }

  // Outputs [lo, hi) of an axis whose tap lies inside the input.
  std::pair<Value, Value> outputRange(int i, Value tap) {
    Value shift = k.add(k.mul(tap, s.dilation[i]), -s.padding[i]);
    Value lo = k.ceilDiv(k.sub(k.index(0), shift), s.stride[i]);
    Value hi = k.ceilDiv(k.sub(k.index(s.in[i]), shift), s.stride[i]);
    return {k.max(lo, k.index(0)), k.min(hi, k.index(s.out[i]))};
  }

  void emitTap(const Place &at, Value row, Value rowEnd, Value f,
               int64_t outputs) {
    auto [rowLo, rowHi] = outputRange(0, at.kh);
    rowLo = k.max(rowLo, row);
    rowHi = k.min(rowHi, rowEnd);
    auto lo = rowLo, hi = rowHi;
    cover(k, inputs, tile.inputs, [&](Value c, int64_t count) {
      emitTile(at, row, lo, hi, c, count, f, outputs);
    });
  }

  void emitTile(const Place &at, Value firstRow, Value rowLo, Value rowHi,
                Value c, int64_t inputCount, Value f, int64_t outputs) {
    Value filter = filterOf(at.group, f);
    Value channel = k.add(k.mul(at.group, s.groupChannels()), c);
    auto address = [&](int64_t i, int64_t j) {
      return SmallVector<Value>{at.task, at.kh, at.kw, k.add(c, i),
                                k.add(filter, j)};
    };
    fetchNextPass(at, firstRow, c, inputCount, f, outputs);
    SmallVector<Value> acc;
    for (int64_t i = 0; i < inputCount; ++i)
      for (int64_t j = 0; j < outputs; ++j)
        acc.push_back(k.load(partial, address(i, j)));
    auto [colLo, colHi] = merged ? std::pair(k.index(0), k.index(s.out[1]))
                                 : outputRange(1, at.kw);
    acc = k.reduce(
        rowLo, rowHi, 1, acc,
        [&, colLo = colLo, colHi = colHi](Value row, ValueRange rowAcc) {
          Value ih =
              k.add(k.add(k.mul(row, s.stride[0]), k.mul(at.kh, s.dilation[0])),
                    -s.padding[0]);
          return k.reduce(
              colLo, colHi, 1, rowAcc, [&](Value column, ValueRange carried) {
                SmallVector<Value> in, products(carried.size());
                for (int64_t i = 0; i < inputCount; ++i)
                  in.push_back(loadInput(at, ih, column, channel, i));
                for (int64_t j = 0; j < outputs; ++j) {
                  Value out =
                      k.load(slice, {at.task, at.slice, k.sub(row, firstRow),
                                     column, k.index(j)});
                  for (int64_t i = 0; i < inputCount; ++i)
                    products[i * outputs + j] = vector::FMAOp::create(
                        k.b, k.loc, in[i], out, carried[i * outputs + j]);
                }
                return products;
              });
        });
    for (int64_t i = 0; i < inputCount; ++i)
      for (int64_t j = 0; j < outputs; ++j)
        k.store(acc[i * outputs + j], partial, address(i, j));
  }

  // A share of the rows that the next pass is the first to see.
  void fetchNextPass(const Place &at, Value row, Value c, int64_t inputCount,
                     Value f, int64_t outputs) {
    int64_t taps = s.kernel[0] * columns,
            all = s.groupFilters() * taps * inputs;
    // Sums in the order of the tiles.
    Value tap = k.add(k.mul(at.kh, columns), at.kw);
    Value number = k.add(k.mul(f, taps * inputs),
                         k.mul(k.add(k.mul(tap, inputs), c), outputs));
    Share share{k.add(k.mul(at.group, all), number), inputCount * outputs,
                s.groups * all};
    int64_t inputRow = s.in[1] * s.channels, outputRow = s.out[1] * s.filters;
    Value next = k.add(row, rows);
    for (Value dy : k.sources(1))
      fetchShare(k, dy, at.block, k.mul(next, outputRow), rows * outputRow,
                 share);
    Value input =
        k.add(k.mul(row, s.stride[0]), s.inputSpan(0, rows) - s.padding[0]);
    for (Value source : k.sources(0))
      fetchShare(k, source, at.block, k.mul(input, inputRow),
                 rows * s.stride[0] * inputRow, share);
  }

  Value loadInput(const Place &at, Value ih, Value column, Value channel,
                  int64_t i) {
    if (k.isComputed(0)) // a 1x1 filter
      return k.element(0, at.block, {ih, k.mul(column, s.stride[1])},
                       k.add(channel, i));
    if (merged)
      return k.load(
          x,
          {at.block, ih,
           k.add(k.add(k.mul(column, s.stride[1] * s.channels), channel), i)});
    Value iw =
        k.add(k.add(k.mul(column, s.stride[1]), k.mul(at.kw, s.dilation[1])),
              -s.padding[1]);
    return k.load(x, {at.block, ih, iw, k.add(channel, i)});
  }

  // Partial sums of the tasks, in order, then the lanes, in order.
  void combine() {
    Value grad = k.result(0);
    int64_t tasks = KernelBuilder::taskCount(blocks);
    k.forEachParallel(s.filters, [&](Value f) {
      k.nest({s.groupChannels(), s.kernel[0], s.kernel[1]}, [&](ValueRange i) {
        Value sum =
            k.reduce(
                 k.index(0), k.index(tasks), 1, {k.constant(vector, 0)},
                 [&](Value task, ValueRange carried) -> SmallVector<Value> {
                   Value part =
                       merged
                           ? k.load(partial,
                                    {task, i[1], k.index(0),
                                     k.add(k.mul(i[2], s.channels), i[0]), f})
                           : k.load(partial, {task, i[1], i[2], i[0], f});
                   return {arith::AddFOp::create(k.b, k.loc, carried[0], part)};
                 })
                .front();
        k.store(k.sumLanes(sum), grad, {f, i[0], i[1], i[2]});
      });
    });
  }

  KernelBuilder &k;
  ConvShape s;
  Value x, partial, slice; // x is null where it is computed
  int64_t blocks;
  VectorType vector;
  bool merged;
  int64_t columns, inputs,
      rows; // filter columns and inputs per column, of `partial`
  WeightsTile tile;
};
} // namespace

LogicalResult Conv2DBackwardWeightsOp::lower(KernelBuilder &k) {
  if (lowerWinogradWeights(k, shapeOf(*this)) ||
      lowerFilterLanes(k, shapeOf(*this)))
    return success();
  WeightsKernel kernel(k, shapeOf(*this));
  k.setSchedule(kernel.describe());
  kernel.emit();
  return success();
}
