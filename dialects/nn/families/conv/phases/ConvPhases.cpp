// Backward-data of strided convolutions, all phases of a row together.
//
// With stride s the pixels first, first + s, ... of a row are a phase. They
// meet the same taps, and each tap belongs to one phase. A tile is a few
// columns x channels, where a column is s neighbouring pixels, one of each
// phase:
//
//   for each channel f of the cotangent, row and tap of the filter
//     sums[column][phase of tap] += w[f][tap] * dy[column + offset of tap][f]
//
// A pixel of the cotangent that several taps or columns see is loaded once. The
// tile hands over neighbouring pixels, in the order of the image. One kernel
// for each phase (ConvLowering.cpp) would go over all memory of its epilogue
// once for each phase.
//
// The taps that leave the cotangent at the border of a row are known when the
// tile is emitted. They are left out there, and no other tile has code for
// borders. Rows at the border clip a loop over the rows of the filter.
//
// The epilogue reads and writes more bytes than the kernel itself. A tile
// announces the pixels of the next one before it sums, and prefetches its share
// of the next rows. With both, a batch of 128 with 16 to 32 channels at 32x32
// takes three quarters of the time.
//
// If two convolutions of one stride read an input, its gradient is the sum of
// two such gradients. The products of the second one go into the same sums,
// like further channels of the taps that meet the same pixels. So its result
// needs no tensor, and the epilogue goes over memory once.
//
// The reference: ConvReference.cpp, within 1e-4 (f32), 1e-10 (f64).
#include "phases/ConvPhases.h"
#include "shared/ConvSchedule.h"
#include "shared/Loops.h"
#include "phases/PhasesSchedule.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <map>
#include <numeric>

using namespace mlir;

namespace gradmill::nn {
namespace {

// One of the convolutions that read the input: its cotangent and filter, and
// its taps.
struct Source {
  Source(const ConvShape &s, Value cotangent, Value filter)
      : s(s), in(cotangent), filter(filter), rows(backwardPhases(s, 0)),
        columns(s) {}

  // Of a row of this phase.
  int64_t taps(size_t phase) const {
    return rows[phase].taps * int64_t(columns.taps.size());
  }

  ConvShape s;
  Value in, filter;
  std::vector<Axis> rows; // of each phase
  PhaseColumns columns;
  SmallVector<Value> weights; // of each phase of rows
};

class PhasesKernel {
public:
  PhasesKernel(KernelBuilder &k, ArrayRef<ConvShape> shapes,
               const PhasesTile &tile)
      : k(k), s(shapes.front()),
        vector(cast<VectorType>(
            cast<MemRefType>(k.operand(0).getType()).getElementType())),
        tile(tile) {
    for (auto [i, shape] : llvm::enumerate(shapes))
      sources.emplace_back(shape, k.operand(2 * i), k.operand(2 * i + 1));
    for (Source &source : sources)
      for (const Axis &row : source.rows)
        source.weights.push_back(packFilter(source, row));
  }

  void emit() {
    int64_t blocks = cast<MemRefType>(k.operand(0).getType()).getDimSize(0);
    k.forEachBlock(blocks, [&](Value block) { emitImages(block); });
  }

private:
  // The pixels of a phase, which are the same for all sources.
  const std::vector<Axis> &rows() const { return sources.front().rows; }
  const PhaseColumns &columns() const { return sources.front().columns; }

  // Weights [tile of output channels][input channel][tap row][tap][output
  // channel of the tile], in the order in which a tile reads them. With whole
  // rows of channels, a cache line would lie between the weights of a tile, and
  // with powers of two they would share a few sets of the cache.
  Value packFilter(const Source &from, const Axis &row) {
    // [F, C/groups, KH, KW]
    Type element = cast<MemRefType>(from.filter.getType()).getElementType();
    Value packed = k.scratch(MemRefType::get(
        {std::max<int64_t>(1, s.channels * perChannel(from, row))}, element));
    int64_t filters = from.s.groupFilters();
    forEachChannelTile([&](Value group, ChannelBlock c) {
      Value first = k.sub(c.first, k.mul(group, s.groupChannels()));
      k.nest({c.count, filters, row.taps}, [&](ValueRange i) {
        Value f = k.add(k.mul(group, filters), i[1]);
        Value kh = k.add(k.mul(i[2], row.filterStep), row.filterFirst);
        for (auto [number, tap] : llvm::enumerate(from.columns.taps)) {
          Value weight = k.load(
              from.filter, {f, k.add(first, i[0]), kh, k.index(tap.filter)});
          k.store(weight, packed,
                  {k.add(weightsAt(from, row, c, i[1], i[2], number), i[0])});
        }
      });
    });
    return packed;
  }

  static int64_t perChannel(const Source &from, const Axis &row) {
    return row.taps * from.s.groupFilters() * int64_t(from.columns.taps.size());
  }

  // The first weight of a tile, for a tap of a channel of the cotangent.
  Value weightsAt(const Source &from, const Axis &row, ChannelBlock c, Value f,
                  Value kh, int64_t tap) {
    int64_t taps = from.columns.taps.size();
    Value step = k.add(k.mul(k.add(k.mul(f, row.taps), kh), taps), tap);
    return k.add(k.mul(c.first, perChannel(from, row)), k.mul(step, c.count));
  }

  void
  forEachChannelTile(llvm::function_ref<void(Value group, ChannelBlock)> body) {
    k.loop(s.groups, [&](Value group) {
      for (Run run :
           splitAxis(s.groupChannels(), tile.channels, k.channelAlignment()))
        k.loop(k.index(run.first), k.index(run.first + run.count * run.size),
               run.size, [&](Value c) {
                 int64_t alignment = std::gcd(run.size, run.first);
                 if (s.groups > 1)
                   alignment = std::gcd(alignment, s.groupChannels());
                 body(group, {k.add(k.mul(group, s.groupChannels()), c),
                              run.size, alignment});
               });
    });
  }

  // One row of each phase in turn; rows that a phase clips separately.
  void emitImages(Value block) {
    int64_t common = rows().front().out, lo = 0;
    for (const Axis &row : rows())
      common = std::min(common, row.out);
    int64_t hi = common;
    for (const Source &source : sources)
      for (const Axis &row : source.rows) {
        lo = std::max(lo, row.inside().first);
        hi = std::min(hi, row.inside().second);
      }
    lo = std::min(lo, common);
    hi = std::max(lo, hi);
    auto emitRows = [&](int64_t first, int64_t end, bool clip) {
      k.loop(k.index(first), k.index(end), 1, [&](Value number) {
        for (size_t phase = 0; phase < rows().size(); ++phase)
          emitRow({block, phase, number, clip});
      });
    };
    emitRows(0, lo, true);
    emitRows(lo, hi, false);
    emitRows(hi, common, true);
    // The last row of pixels belongs to the first phases only.
    for (size_t phase = 0; phase < rows().size(); ++phase)
      if (rows()[phase].out > common)
        emitRow({block, phase, k.index(common), true});
  }

  struct Row {
    Value block;
    size_t phase;
    Value number; // in the phase
    bool clip;
  };

  struct Columns {
    Value first;
    int64_t count;
    std::optional<int64_t> known; // the first one, at a border
  };

  void emitRow(const Row &row) {
    auto emitTiles = [&](const Columns &at) {
      forEachChannelTile(
          [&](Value group, ChannelBlock c) { emitTile(row, at, group, c); });
    };
    int64_t lo = 0, hi = columns().count;
    for (const Source &source : sources) {
      lo = std::max(lo, source.columns.inside().first);
      hi = std::min(hi, source.columns.inside().second);
    }
    hi = std::max(lo, hi);
    for (Run run : splitAxis(columns().count, tile.columns)) {
      // Tiles [first, last) of the run see no border.
      int64_t end = run.first + run.count * run.size;
      int64_t first = run.first, last = end;
      while (first < end && first < lo)
        first += run.size;
      while (last > first && last > hi)
        last -= run.size;
      for (int64_t at = run.first; at < first; at += run.size)
        emitTiles({k.index(at), run.size, at});
      k.loop(k.index(first), k.index(last), run.size,
             [&](Value at) { emitTiles({at, run.size, std::nullopt}); });
      for (int64_t at = last; at < end; at += run.size)
        emitTiles({k.index(at), run.size, at});
    }
  }

  // A pixel of a tile.
  struct Pixel {
    int64_t column, phase;
    bool operator==(const Pixel &) const = default;
  };

  // The existing ones, in their order.
  SmallVector<Pixel> pixelsOf(const Columns &at) const {
    SmallVector<Pixel> pixels;
    for (int64_t j = 0; j < at.count; ++j)
      for (int64_t phase = 0; phase < tile.phases; ++phase)
        if (!at.known || *at.known + j < columns().phases[phase].out)
          pixels.push_back({j, phase});
    return pixels;
  }

  static bool isInside(const Source &source, const Columns &at, int64_t j,
                       const ColumnTap &tap) {
    int64_t from = at.known ? *at.known + j + tap.offset : 0;
    return from >= 0 && from < source.columns.inCount;
  }

  void emitTile(const Row &row, const Columns &at, Value group,
                ChannelBlock c) {
    const Axis &h = rows()[row.phase];
    SmallVector<Pixel> pixels = pixelsOf(at);
    SmallVector<Position> positions;
    for (auto [j, phase] : pixels) {
      const Axis &w = columns().phases[phase];
      positions.push_back(
          {k.add(k.mul(row.number, h.spread), h.first),
           k.add(k.mul(k.add(at.first, j), w.spread), w.first)});
    }
    // After the end of a row comes the start of the next one.
    for (Position ahead : positions) {
      ahead[1] = k.add(ahead[1], at.count * tile.phases);
      k.announce(row.block, ahead, c);
    }
    for (const Source &source : sources)
      fetchCotangent(source, row, at, c);

    SmallVector<Value> sums(pixels.size() * c.count, k.constant(vector, 0));
    auto step = [&](const Source &from, Value kh, Value f, ValueRange carried) {
      const Axis &axis = from.rows[row.phase];
      Value first = k.add(row.number, axis.offset); // row of the first tap
      return products(from, row, at, pixels,
                      {k.add(first, k.mul(kh, axis.step)), kh, group, f, c},
                      carried);
    };
    // Sources with equally many filters share a loop: more sums are then
    // independent of each other.
    std::map<int64_t, SmallVector<const Source *>> unrolled; // by filters
    for (const Source &from : sources) {
      if (from.taps(row.phase) == 0)
        continue;
      if (!row.clip && PhasesTile::unrolls(from.taps(row.phase)))
        unrolled[from.s.groupFilters()].push_back(&from);
      else
        sums = rollTaps(from, row, sums, step);
    }
    for (auto &[filters, together] : unrolled)
      sums = k.reduce(k.index(0), k.index(filters), 1, sums,
                      [&](Value f, ValueRange carried) {
                        SmallVector<Value> out(carried);
                        for (const Source *from : together)
                          for (int64_t kh = 0; kh < from->rows[row.phase].taps;
                               ++kh)
                            out = step(*from, k.index(kh), f, out);
                        return out;
                      });
    k.emitTile(row.block, positions, c, sums);
  }

  // A loop over the filter's rows, those that meet the cotangent.
  using StepFn = llvm::function_ref<SmallVector<Value>(
      const Source &, Value kh, Value f, ValueRange sums)>;
  SmallVector<Value> rollTaps(const Source &from, const Row &row,
                              ValueRange sums, StepFn step) {
    const Axis &h = from.rows[row.phase];
    Value lo = k.index(0), hi = k.index(h.taps);
    if (row.clip) {
      Value first = k.add(row.number, h.offset);
      lo = k.max(lo, k.ceilDiv(k.sub(lo, first), h.step));
      hi = k.min(hi, k.ceilDiv(k.sub(k.index(h.in), first), h.step));
    }
    return k.reduce(lo, hi, 1, sums, [&](Value kh, ValueRange outer) {
      return k.reduce(k.index(0), k.index(from.s.groupFilters()), 1, outer,
                      [&](Value f, ValueRange carried) {
                        return step(from, kh, f, carried);
                      });
    });
  }

  // The rows that the next row of each phase reads first; each tile fetches a
  // share.
  void fetchCotangent(const Source &from, const Row &row, const Columns &at,
                      ChannelBlock c) {
    int64_t reach = 0, line = from.columns.inCount * from.s.filters;
    for (const Axis &h : from.rows)
      reach = std::max(reach, h.offset + h.reach());
    // Columns x channels of a row, in the order of the tiles.
    int64_t all = columns().count * s.channels;
    Value number = k.add(k.mul(at.first, s.channels), k.mul(c.first, at.count));
    fetchShare(k, from.in, row.block, k.mul(k.add(row.number, reach + 1), line),
               line,
               {k.add(number, row.phase * all), at.count * c.count,
                int64_t(rows().size()) * all});
  }

  struct Step {
    Value row, kh;  // of the cotangent, of the filter
    Value group, f; // channel of the cotangent, in its group
    ChannelBlock c;
  };

  SmallVector<Value> products(const Source &from, const Row &row,
                              const Columns &at, ArrayRef<Pixel> pixels,
                              const Step &step, ValueRange sums) {
    SmallVector<Value> out(sums);
    Value filter = k.add(k.mul(step.group, from.s.groupFilters()), step.f);
    DenseMap<int64_t, Value> loaded; // by their distance from the first column
    auto cotangent = [&](int64_t distance) {
      Value &dy = loaded[distance];
      if (!dy)
        dy = k.load(from.in,
                    {row.block, step.row, k.add(at.first, distance), filter});
      return dy;
    };
    for (auto [number, tap] : llvm::enumerate(from.columns.taps)) {
      SmallVector<std::pair<int64_t, Value>> hit; // pixel, its operand
      for (auto [i, pixel] : llvm::enumerate(pixels))
        if (pixel.phase == tap.phase && isInside(from, at, pixel.column, tap))
          hit.push_back({i, cotangent(pixel.column + tap.offset)});
      if (hit.empty())
        continue;
      // One weight at a time: in any other order more values are alive than
      // registers.
      for (int64_t g = 0; g < step.c.count; ++g) {
        Value weight = weightsAt(from, from.rows[row.phase], step.c, step.f,
                                 step.kh, number);
        Value w = k.splat(k.load(from.weights[row.phase], {k.add(weight, g)}),
                          vector);
        for (auto [i, dy] : hit) {
          Value &sum = out[i * step.c.count + g];
          sum = vector::FMAOp::create(k.b, k.loc, w, dy, sum);
        }
      }
    }
    return out;
  }

  KernelBuilder &k;
  ConvShape s; // of the first source
  VectorType vector;
  PhasesTile tile;
  std::vector<Source> sources;
};

} // namespace

bool lowerPhases(KernelBuilder &k, const ConvShape &s) {
  // An op may bring its own choice, for tests and measurements.
  auto forced = k.op->getAttrOfType<BoolAttr>("nn.phases");
  if (forced && !forced.getValue())
    return false;
  auto tile =
      choosePhases(s, k.machine(), k.channelAlignment(), forced != nullptr);
  if (!tile)
    return false;
  k.setSchedule(tile->describe());
  PhasesKernel(k, s, *tile).emit();
  return true;
}

bool sumsTogether(const ConvShape &s, const ConvShape &other) {
  // With more phases a tile has too few sums for each.
  constexpr std::array<int64_t, 2> two{2, 2};
  return s.stride == two && other.stride == two && s.in == other.in &&
         s.in[0] > 1 && s.in[1] > 1 && s.channels == other.channels &&
         s.groups == 1 && other.groups == 1 &&
         hasCompactBorder(PhaseColumns(s)) &&
         hasCompactBorder(PhaseColumns(other));
}

void lowerPhasesSum(KernelBuilder &k, const ConvShape &s,
                    const ConvShape &other) {
  auto tile = choosePhases(s, k.machine(), k.channelAlignment(), true);
  k.setSchedule(tile->describe() + ", two cotangents");
  PhasesKernel(k, {s, other}, *tile).emit();
}

} // namespace gradmill::nn
