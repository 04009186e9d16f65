// Steps that mix the samples of a batch.
#include "data/augment/Augment.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gradmill::rt {
namespace {

// Of the gamma distribution with this shape (Marsaglia and Tsang, 2000).
double gammaOf(double shape, RandomStream &random) {
  auto unit = [&] { return (double(random.bits() >> 11) + 0.5) * 0x1p-53; };
  if (shape < 1) // of shape + 1, times a power of a uniform number
    return gammaOf(shape + 1, random) * std::pow(unit(), 1 / shape);
  double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    double normal = std::sqrt(-2 * std::log(unit())) *
                    std::cos(2 * 3.14159265358979323846 * unit());
    double v = std::pow(1 + c * normal, 3);
    if (v > 0 && std::log(unit()) <
                     0.5 * normal * normal + d - d * v + d * std::log(v))
      return d * v;
  }
}

// Zhang, Cisse, Dauphin and Lopez-Paz, 2017: a share of the beta distribution
// (alpha, alpha). A share and 1 - share are equally likely, and mean the same with the
// samples swapped, so the smaller one is taken: metrics are of the larger part.
float mixup(AugmentValues v, RandomStream &random) {
  double one = gammaOf(v[0], random), two = gammaOf(v[0], random);
  return one + two > 0 ? float(std::min(one, two) / (one + two)) : 0;
}

constexpr AugmentParameter kMixup[] = {
    {"alpha", 0.2, 0.01, 100, "of the beta distribution of the share"},
    {"p", 1, 0, 1, "how often it happens"}};

constexpr AugmentKind kKinds[] = {{.name = "mixup",
                                   .doc = "mix samples, and their losses",
                                   .parameters = kMixup,
                                   .moves = false,
                                   .share = mixup}};

} // namespace

extern const std::span<const AugmentKind> kMixes;
const std::span<const AugmentKind> kMixes = kKinds;

} // namespace gradmill::rt
