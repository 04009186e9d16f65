#include "phases/PhasesSchedule.h"
#include "shared/ConvSchedule.h"
#include <set>

namespace gradmill::nn {

PhaseColumns::PhaseColumns(const ConvShape &s)
    : phases(backwardPhases(s, 1)), count(phases.front().out),
      inCount(s.out[1]) {
  for (auto [phase, axis] : llvm::enumerate(phases))
    for (int64_t t = 0; t < axis.taps; ++t)
      taps.push_back({int64_t(phase), axis.offset + t * axis.step,
                      axis.filterFirst + t * axis.filterStep});
  llvm::stable_sort(taps, [](const ColumnTap &a, const ColumnTap &b) {
    return a.offset > b.offset;
  });
}

std::pair<int64_t, int64_t> PhaseColumns::inside() const {
  int64_t lo = 0, hi = count;
  for (const Axis &a : phases) {
    auto [first, last] =
        a.taps ? a.inside() : std::pair<int64_t, int64_t>(0, a.out);
    lo = std::max(lo, first);
    hi = std::min(hi, last);
  }
  lo = std::min(lo, count);
  return {lo, std::max(lo, hi)};
}

std::string PhasesTile::describe() const {
  return counted(columns, "column") + " of " + counted(phases, "phase") +
         " x " + counted(channels, "channel") + ", taps unrolled";
}

namespace {
// Steps of a tile: one channel and filter row each.
class Model {
public:
  Model(const PhaseColumns &columns, const Machine &machine)
      : columns(columns), machine(machine) {
    for (const Axis &a : columns.phases) {
      busyPhases += a.taps > 0;
      longest = std::max(longest, a.taps);
    }
  }

  // As in ConvSchedule.h; phases without a tap need no sum.
  bool fits(int64_t count, int64_t channels) const {
    return busyPhases * count * channels + count + 2 <= machine.registers;
  }

  // Products of a phase depend on each other. Pixels of the cotangent are
  // loaded once, weights for all columns.
  double cycles(int64_t count, int64_t channels) const {
    std::set<int64_t> pixels;
    for (const ColumnTap &tap : columns.taps)
      for (int64_t j = 0; j < count; ++j)
        pixels.insert(j + tap.offset);
    double taps = columns.taps.size();
    double loaded = pixels.size() + taps * channels;
    double waiting = double(longest * machine.latency);
    return std::max(machine.cycles(taps * count * channels, loaded), waiting) +
           0.05 * loaded;
  }

  double cover(int64_t allChannels, const PhasesTile &t,
               int64_t alignment) const {
    double total = 0;
    for (Run i : splitAxis(columns.count, t.columns))
      for (Run j : splitAxis(allChannels, t.channels, alignment))
        total += double(i.count * j.count) * cycles(i.size, j.size);
    return total;
  }

private:
  const PhaseColumns &columns;
  const Machine &machine;
  int64_t busyPhases = 0, longest = 0;
};
} // namespace

bool hasCompactBorder(const PhaseColumns &columns) {
  constexpr int64_t kBorderColumns = 6;
  auto [lo, hi] = columns.inside();
  return columns.count - (hi - lo) <= kBorderColumns;
}

std::optional<PhasesTile> choosePhases(const ConvShape &s,
                                       const Machine &machine,
                                       int64_t alignment, bool forced) {
  PhaseColumns columns(s);
  Model model(columns, machine);
  int64_t taps = columns.taps.size(), channels = s.groupChannels();
  if (!forced &&
      (columns.phases.size() == 1 || taps == 0 || !hasCompactBorder(columns)))
    return std::nullopt;
  PhasesTile best{1, std::min(channels, alignment),
                  int64_t(columns.phases.size())};
  double cycles = 1e300;
  for (int64_t b = 1; b <= std::min<int64_t>(columns.count, 8); ++b)
    for (int64_t g = 1; g <= std::min<int64_t>(channels, 16); ++g) {
      PhasesTile tile{b, g, best.phases};
      if (!model.fits(b, g) || (g % alignment && g < channels))
        continue;
      double cost = model.cover(channels, tile, alignment);
      if (cost < cycles * 0.999) {
        cycles = cost;
        best = tile;
      }
    }
  // With many phases each has few sums, which wait for each other. One kernel
  // for each phase has enough sums, but goes over the memory of its epilogue
  // once more for each.
  double products = double(taps) * columns.count * channels;
  if (forced || cycles < 1.35 * products / machine.multiplyAdds)
    return best;
  return std::nullopt;
}

} // namespace gradmill::nn
