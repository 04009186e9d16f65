// The direct sum, forward and backward-data, as loops over vectors of images.
//
// Forward and backward-data are one kernel: a tile of P pixels x G channels of
// accumulators stays in registers while the taps (kernel row, kernel column,
// input channel) are summed. With the batch in the lanes an input element is
// one vector load and a weight is one broadcast. Neither channel counts nor
// borders need a mask: at borders the tap loops are clipped and the input is
// not padded, so there is no multiplication by padding. Backward-data of a
// strided convolution is one such kernel for each set of pixels that have the
// same taps.
//
// The reference: ConvReference.cpp, within 1e-4 (f32), 1e-10 (f64).
#include "direct/ConvDirect.h"
#include "shared/ConvAxis.h"
#include "shared/ConvSchedule.h"
#include "shared/Loops.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <numeric>

using namespace mlir;
using namespace gradmill::nn;

namespace {

// A correlation: forward convolution, or backward-data with the filter rotated.
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

  /// For the report: the tile of most pixels, and why others have another one.
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

  // Pixels whose taps all lie inside the input take tiles of P. The others, at
  // the borders, are computed one by one with clipped taps.
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
               if (!announcesByChannels(run.size))
                 announce(block, row, k.add(column, run.size), run.size,
                          {k.index(0), groups * outChannels});
               emitChannels(block, row, column, tile, false);
             });
    }
    border(hi, w.out);
  }

  // The next pixels with all of their channels fit into the first-level cache
  // only if these are few. Otherwise each tile announces the channels of the
  // next one. Besides, the announcements of 8 pixels x 576 channels were
  // thousands of instructions in a row, and LLVM takes time with their square.
  bool announcesByChannels(int64_t pixels) const {
    return pixels * groups * outChannels * k.machine().vectorBytes >
           k.machine().l1Bytes / 2;
  }

  // The next tile; after the last of a row, the next row's first.
  void announce(Value block, Value row, Value column, int64_t pixels,
                ChannelBlock channels) {
    for (int64_t p = 0; p < pixels; ++p)
      k.announce(block, positionOf(row, k.add(column, p)), channels);
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
    if (!clip && announcesByChannels(pixels))
      announce(block, row, column, pixels,
               {k.add(f.first, f.count), f.count});
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

  // The rows that the next row of the result reads first; each tile fetches a
  // part.
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
  // Rows to prefetch. A stride reads many bytes per product: 16 to 32 channels
  // at 32x32 take 15 % less time. With rows that no tap reads (1x1) it would
  // fetch those too.
  bool fetches;
};

} // namespace

// Packs filters [F, C/g, KH, KW] in the order of a TapKernel: its own taps, and
// its output channel innermost, so that the weights of a tile are neighbours.
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

static void lowerForward(KernelBuilder &k, const ConvShape &s, Value bias) {
  Axis h = forwardAxis(s, 0), w = forwardAxis(s, 1);
  TapKernel kernel(k, k.operand(0), packFilter(k, k.operand(1), s, h, w, false),
                   bias, h, w, s.groups, s.groupChannels(), s.groupFilters());
  k.setSchedule(kernel.describe());
  k.forEachBlock(blocksOf(k.operand(0)),
                 [&](Value block) { kernel.emit(block); });
}

static void lowerBackwardData(KernelBuilder &k, const ConvShape &s) {
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
}

void gradmill::nn::lowerDirect(KernelBuilder &k, const ConvShape &s,
                               bool backwardData, Value bias) {
  if (backwardData)
    lowerBackwardData(k, s);
  else
    lowerForward(k, s, bias);
}
