// The cost model of backward-weights. Its constants are measured: one Zen 3
// core with AVX2, batch 128, 14 shapes from 1 to 64 channels, 1x1 to 5x5
// filters and 6 to 32 pixels. For 13 of them it chose the faster kernel, or one
// within 5 %. For the other one, 1 to 16 channels at 28x28, filters in the
// lanes would be 22 % faster.
#include "shared/ConvSchedule.h"

namespace gradmill::nn {

std::string FilterLanesSchedule::describe() const {
  return counted(inputs, "input") + " x " + counted(vectors, "vector") + ", " +
         counted(rows, "row") + " a pass";
}

namespace {
// Costs of both kernels.
struct Counts {
  explicit Counts(const ConvShape &s)
      : pixels(double(s.out[0]) * s.out[1]),
        weights(double(s.kernel[0]) * s.kernel[1] * s.groupChannels() *
                s.filters),
        products(double(s.macs()) / s.batch) {}
  double pixels, weights, products;
};
} // namespace

// Images in the lanes. Sums that leave the second-level cache cost more.
static double imageLanesCycles(const ConvShape &s, int64_t vectorBytes,
                               const Machine &machine) {
  Counts n(s);
  double sums = n.weights * vectorBytes > machine.l2Bytes / 2 ? 42 : 12;
  return 1.25 * n.products / 2 + 1.5 * n.pixels * s.filters + sums * n.weights;
}

static FilterLanesSchedule filterLanesTiles(const ConvShape &s, int64_t lanes,
                                            int64_t vectorBytes,
                                            const Machine &machine) {
  int64_t vectors = (s.filters + lanes - 1) / lanes;
  auto [b, a] = bestTile(vectors, TapAxis(s).inputs, machine);
  // Slices of the cotangent fill half of the first-level cache: more rows mean
  // fewer loads and stores of the sums. One row takes 1.05 times as long, but
  // 0.82 for 1x1 filters.
  int64_t row = s.out[1] * lanes * b * vectorBytes;
  int64_t rows = s.kernel[0] * s.kernel[1] == 1
                     ? 1
                     : std::max<int64_t>(1, machine.l1Bytes / 2 / row);
  return {std::min(rows, s.out[0]), a, b};
}

// Vectors of the input that `rows` rows of the output see.
static double inputWindow(const ConvShape &s, int64_t rows) {
  return double(s.channels) * s.inputSpan(0, rows) * s.inputSpan(1, s.out[1]);
}

static double filterLanesCycles(const ConvShape &s,
                                const FilterLanesSchedule &t, int64_t lanes,
                                const Machine &machine) {
  Counts n(s);
  int64_t vectors = (s.filters + lanes - 1) / lanes;
  TapAxis taps(s);
  double steps = n.pixels * lanes * s.kernel[0] * taps.columns;
  double products =
      steps * coverCycles(vectors, taps.inputs, t.vectors, t.inputs, machine);
  double passes = double((s.out[0] + t.rows - 1) / t.rows);
  double copied = passes * inputWindow(s, t.rows);
  return 1.05 * products + 20 * n.pixels * vectors + 1.5 * copied;
}

double directWeightsCycles(const ConvShape &s, int64_t lanes,
                           int64_t vectorBytes, const Machine &machine) {
  double images = imageLanesCycles(s, vectorBytes, machine);
  if (s.groups > 1)
    return images;
  auto t = filterLanesTiles(s, lanes, vectorBytes, machine);
  return std::min(images, filterLanesCycles(s, t, lanes, machine));
}

std::optional<FilterLanesSchedule>
chooseFilterLanes(const ConvShape &s, int64_t lanes, int64_t vectorBytes,
                  const Machine &machine, bool forced) {
  auto t = filterLanesTiles(s, lanes, vectorBytes, machine);
  // Wide strides or dilations spread few pixels over much memory.
  bool compact = inputWindow(s, t.rows) * vectorBytes <= 4.0 * machine.l2Bytes;
  bool faster = filterLanesCycles(s, t, lanes, machine) <
                0.95 * imageLanesCycles(s, vectorBytes, machine);
  if (forced || (compact && faster))
    return t;
  return std::nullopt;
}

} // namespace gradmill::nn
