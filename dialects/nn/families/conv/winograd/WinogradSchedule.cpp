// The cost model of Winograd's form. Its constants are measured: one Zen 3 core
// with AVX2, batch 128. The constants of the transforms were measured with the
// current code on five shapes, 10 to 64 channels and 8 to 32 pixels; on these
// the model is within 12 % of F(4x4). The others are older: 21 shapes from 1 to
// 64 channels.
#include "winograd/WinogradSchedule.h"
#include "shared/ConvAxis.h"
#include "shared/ConvSchedule.h"
#include <algorithm>
#include <numeric>

namespace gradmill::nn {

std::string WinogradSchedule::describe() const {
  std::string m = std::to_string(outputs);
  return "winograd F(" + m + "x" + m + ",3x3), " + counted(tiles, "tile") +
         " x " + counted(filters, "filter") +
         (shortTiles ? ", short tiles at the end" : "");
}

llvm::SmallVector<WinogradRegion, 4>
winogradRegions(const WinogradProblem &p, int64_t outputs, bool mayBeShort) {
  // Along an axis: whole tiles, then a short one.
  struct Part {
    int64_t first, count;
    bool isShort;
  };
  auto partsOf = [&](int axis) {
    int64_t tiles = p.tiles(axis, outputs), rest = p.out[axis] % outputs;
    llvm::SmallVector<Part, 2> parts;
    bool ends = mayBeShort && outputs == 4 && (rest == 1 || rest == 2);
    if (tiles > ends)
      parts.push_back({0, tiles - ends, false});
    if (ends)
      parts.push_back({tiles - 1, 1, true});
    return parts;
  };
  llvm::SmallVector<WinogradRegion, 4> regions;
  for (const Part &rows : partsOf(0))
    for (const Part &columns : partsOf(1))
      regions.push_back({{rows.first, columns.first},
                         {rows.count, columns.count},
                         {rows.isShort, columns.isShort}});
  return regions;
}

// Filters of a product where measurement disagrees with the model, with two
// tiles, and those for more than 32 input channels. Eight sums hide the latency
// of a multiply-add. With 16 registers, 3 x 4 has fewer loads and is 8 %
// slower, because three tiles of transformed input leave the first-level cache.
// With 64 input channels 2 x 6 is 10 % faster. With AVX-512 (one core of a
// Xeon, Emerald Rapids) 2 x 12 takes 0.85 of the time of 2 x 8 for 64 channels,
// 0.95 to 1.0 for 32, 1.0 to 1.03 for 16; 2 x 10 lies between; 2 x 16, 3 x 8, 4
// x 6 and 4 x 4 are 3 to 25 % slower. On other machines with 32 registers the
// model chooses 2 x 8.
struct MeasuredFilters {
  llvm::StringRef machine;
  int64_t registers, filters, deep;
};
static constexpr MeasuredFilters kMeasured[] = {{"avx512", 32, 8, 12},
                                                {"avx2", 16, 4, 6},
                                                {"x86-64", 16, 4, 6},
                                                {"generic", 32, 8, 8}};

// Ignores measurements made with more registers.
static const MeasuredFilters *measuredOn(const Machine &machine) {
  const auto *found = llvm::find_if(kMeasured, [&](const MeasuredFilters &m) {
    return m.machine == machine.name && m.registers <= machine.registers;
  });
  return found == std::end(kMeasured) ? nullptr : found;
}

// As measured. Without a measurement, as many filters as fit beside two tiles,
// their inputs, a weight and one register to spare.
WinogradSchedule winogradTiles(const WinogradProblem &p, int64_t outputs) {
  int64_t registers = p.machine.registers;
  int64_t most = p.tiles(outputs);
  int64_t sums = p.machine.multiplyAdds * p.machine.latency;
  int64_t widest = std::clamp<int64_t>((registers - 4) / 2, 1, 4);
  // The start and the end of long sums cost little, so fewer loads count.
  if (const MeasuredFilters *measured = measuredOn(p.machine))
    widest = p.inChannels > 32 ? measured->deep : measured->filters;
  if (most == 1)
    widest = std::max<int64_t>(1, std::min(sums, registers - 3));
  int64_t filters = std::min(p.outChannels, widest);
  int64_t tiles = std::min(most, std::max<int64_t>(2, sums / filters));
  // A panel of about 16 filters is a compromise: with fewer, the transformed
  // inputs are read more often; with all of many, the products leave the
  // caches. The epilogue gets channels that start at a multiple of 4.
  int64_t step = std::lcm(filters, int64_t(4));
  int64_t panel =
      std::min(p.outChannels, std::max<int64_t>(1, 16 / step) * step);
  auto regions = winogradRegions(p, outputs, true);
  return {outputs, tiles, filters, panel,
          regions.back().isShort[0] || regions.back().isShort[1]};
}

double directCycles(const WinogradProblem &p) {
  double products = double(p.inChannels) * p.outChannels *
                    tapsInside(p.in[0], p.out[0], 3, p.padding[0]);
  // Pixels at a border are summed one by one, with too few sums in flight.
  int64_t taps = tapsInside(p.in[1], p.out[1], 3, p.padding[1]);
  auto [lo, hi] =
      Axis{p.in[1], p.out[1], 3, /*scale=*/1, -p.padding[1], 1}.inside();
  int64_t inner = 3 * (hi - lo);
  products *= inner + 1.25 * (taps - inner);
  double results = double(p.out[0]) * p.out[1] * p.outChannels;
  return 1.04 * products / 2 + 2 * results;
}

double winogradCycles(const WinogradProblem &p, const WinogradSchedule &s) {
  bool small = s.outputs == 2;
  int64_t points = s.points(), tiles = p.tiles(s.outputs);
  auto sums = [&](int64_t t, int64_t f) {
    return std::max(t * f / 2.0, 3.0) * p.inChannels;
  };
  auto group =
      [&](int64_t t) { // products of t tiles, and the ends of their loops
        double cycles = 0;
        for (int64_t f = 0; f < p.outChannels; f += s.filters)
          cycles += sums(t, std::min(s.filters, p.outChannels - f)) + 6;
        return cycles;
      };
  double products = 0, whole = 0; // tiles, a short one as a part of a whole one
  for (const WinogradRegion &region : winogradRegions(p, s.outputs, true)) {
    double cycles = region.tiles() / s.tiles * group(s.tiles);
    if (region.tiles() % s.tiles)
      cycles += group(region.tiles() % s.tiles);
    products += cycles * region.points(s.outputs);
    whole += double(region.tiles()) * region.points(s.outputs) / points;
  }
  // Transformed inputs that leave the first-level cache are read again for each
  // panel.
  if (points * s.tiles * p.inChannels * p.vectorBytes >
      p.machine.l1Bytes * 3 / 4)
    products *= small ? 1.08 : 1.25;
  double transforms = whole * ((small ? 34 : 105) * double(p.inChannels) +
                               (small ? 27 : 95) * double(p.outChannels));
  // F(2x2)'s tiles at the border are collected first.
  int64_t inner = 1;
  for (int i = 0; i < 2; ++i) {
    int64_t lo =
        p.padding[i] <= 0 ? 0 : (p.padding[i] + s.outputs - 1) / s.outputs;
    int64_t last = p.in[i] + p.padding[i] - s.outputs -
                   2; // first pixel of the last tile inside
    int64_t hi =
        last < 0 ? 0 : std::min(last / s.outputs + 1, p.tiles(i, s.outputs));
    inner *= std::max<int64_t>(0, hi - lo);
  }
  double collected = small ? 2.0 * (tiles - inner) * points * p.inChannels : 0;
  double filters =
      (small ? 41.0 : 105.0) * p.inChannels * p.outChannels / p.blocks;
  return products + transforms + collected + filters;
}

std::optional<WinogradSchedule> chooseWinograd(const WinogradProblem &p,
                                               Accuracy accuracy) {
  if (accuracy == Accuracy::Exact)
    return std::nullopt;
  std::optional<WinogradSchedule> best;
  double cycles = directCycles(p);
  // F(2x2) rounds better than the direct sum. F(4x4) rounds worse, with twice
  // its mean error, so it must be worth it, and more so in training.
  for (int64_t outputs : {2, 4}) {
    double worth = outputs == 2                      ? 0.97
                   : accuracy == Accuracy::Inference ? 0.92
                                                     : 0.85;
    WinogradSchedule s = winogradTiles(p, outputs);
    // More would leave the second-level cache.
    if (s.points() * s.tiles * p.inChannels * p.vectorBytes >
        p.machine.l2Bytes / 2)
      continue;
    double cost = winogradCycles(p, s);
    if (cost < worth * cycles) {
      best = s;
      cycles = cost;
    }
  }
  return best;
}

//===-- Backward-weights --------------------------------------------------===//

std::string WinogradWeightsSchedule::describe() const {
  std::string m = std::to_string(outputs);
  return "winograd F(3x3," + m + "x" + m + "), " + counted(inputs, "input") +
         " x " + counted(vectors, "vector") + ", " + counted(tiles, "tile") +
         " a pass";
}

static int64_t lanesOf(const WinogradProblem &p) { return p.vectorBytes / 4; }

// Vectors of filters.
static int64_t vectorsOf(const WinogradProblem &p) {
  return (p.outChannels + lanesOf(p) - 1) / lanesOf(p);
}

// The size of what is transformed at a time. It passes through the second-level
// cache, once for each pass over the sums. F(3x3,2x2): as large as the sums,
// but at least 160 KiB. For 128 channels, whose sums take 1 MiB, this is 12 %
// faster than 192 KiB; for 16 to 32 channels, 400 KiB is 5 % slower.
// F(3x3,4x4): two tiles, or more if they are smaller than 40 KiB. At 16 and 32
// channels one tile is 7 to 9 % slower, four up to 8 %, and eight 22 %; at 64,
// two to four make no difference.
WinogradWeightsSchedule winogradWeightsTiles(const WinogradProblem &p,
                                             int64_t outputs) {
  int64_t vectors = vectorsOf(p);
  auto [b, a] = bestTile(vectors, p.inChannels, p.machine);
  WinogradWeightsSchedule s{outputs, 1, a, b};
  int64_t channel = s.points() * p.vectorBytes;
  int64_t tile = channel * (p.inChannels + vectors * lanesOf(p));
  int64_t sums = channel * p.inChannels * vectors;
  int64_t tiles = outputs == 2 ? std::max<int64_t>(160 * 1024, sums) / tile
                               : std::max<int64_t>(80 * 1024 / tile, 2);
  s.tiles = std::clamp<int64_t>(tiles, 1, p.tiles(outputs));
  return s;
}

// Measured as above: batch 128, 3 to 64 channels and 6 to 32 pixels. On the
// nine shapes of the README it is within 13 % of F(3x3,4x4), except for 3
// channels (21 % too few) and 6x6 pixels (24 % too many).
static double winogradWeightsCycles(const WinogradProblem &p,
                                    const WinogradWeightsSchedule &s) {
  bool small = s.outputs == 2;
  double products =
      double(s.points()) * lanesOf(p) *
      coverCycles(vectorsOf(p), p.inChannels, s.vectors, s.inputs, p.machine);
  double transforms = (small ? 36.0 : 126.0) * p.inChannels +
                      (small ? 36.0 : 148.0) * vectorsOf(p) * lanesOf(p);
  // Once per task; most tasks have one group of images.
  double sums = (small ? 120.0 : 280.0) * p.inChannels * vectorsOf(p) *
                KernelBuilder::taskCount(p.blocks) / p.blocks;
  return p.tiles(s.outputs) * ((small ? 1.1 : 1.2) * products + transforms) +
         sums;
}

// The most that a form may take of the time of one that rounds less
// (README.md).
static double worthOf(int64_t outputs, Accuracy accuracy) {
  if (outputs == 2)
    return 1;
  return accuracy == Accuracy::Inference ? 0.92 : 0.85;
}

std::optional<WinogradWeightsSchedule>
chooseWinogradWeights(const ConvShape &c, const WinogradProblem &p,
                      Accuracy accuracy) {
  if (accuracy == Accuracy::Exact)
    return std::nullopt;
  std::optional<WinogradWeightsSchedule> best;
  double cycles = directWeightsCycles(c, lanesOf(p), p.vectorBytes, p.machine);
  for (int64_t outputs : {2, 4}) {
    WinogradWeightsSchedule s = winogradWeightsTiles(p, outputs);
    double cost = winogradWeightsCycles(p, s);
    if (cost < worthOf(outputs, accuracy) * cycles) {
      best = s;
      cycles = cost;
    }
  }
  return best;
}

} // namespace gradmill::nn
