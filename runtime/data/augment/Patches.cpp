// Steps that hide a part of the picture.
#include "data/augment/Augment.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gradmill::rt {
namespace {

constexpr double kNeeded = std::numeric_limits<double>::quiet_NaN();

// Fills rows top .. bottom - 1, columns left .. right - 1, as far as they are
// inside.
void fillPatch(const AugmentPicture &picture, int top, int left, int bottom,
               int right, double fill, RandomStream &random) {
  top = std::max(top, 0), left = std::max(left, 0);
  bottom = std::min(bottom, picture.height);
  right = std::min(right, picture.width);
  for (int c = 0; c < picture.channels; ++c)
    for (int row = top; row < bottom; ++row)
      for (int column = left; column < right; ++column)
        picture.planes[size_t(c) * picture.plane() +
                       size_t(row) * size_t(picture.width) + size_t(column)] =
            fill == kFillMean    ? picture.mean[c]
            : fill == kFillNoise ? random.uniform(0, 255)
                                 : float(fill);
}

// DeVries and Taylor, 2017: squares at random places of the picture.
void cutout(const AugmentPicture &picture, AugmentValues v,
            RandomStream &random) {
  int size = int(v[0]);
  for (int i = 0; i < int(v[1]); ++i) {
    int top = int(random.below(uint64_t(picture.height))) - size / 2;
    int left = int(random.below(uint64_t(picture.width))) - size / 2;
    fillPatch(picture, top, left, top + size, left + size, v[2], random);
  }
}

// Zhong et al., 2017: a rectangle of random area and proportions, inside.
void erase(const AugmentPicture &picture, AugmentValues v,
           RandomStream &random) {
  double low = std::min(v[0], v[1]), high = std::max(v[0], v[1]);
  for (int attempt = 0; attempt < 10; ++attempt) {
    double area = (low + (high - low) * random.unit()) * double(picture.plane());
    double aspect = std::exp(std::log(v[2]) * (2.0 * random.unit() - 1));
    int height = int(std::lround(std::sqrt(area * aspect)));
    int width = int(std::lround(std::sqrt(area / aspect)));
    if (height < 1 || width < 1 || height > picture.height ||
        width > picture.width)
      continue;
    int top = int(random.below(uint64_t(picture.height - height + 1)));
    int left = int(random.below(uint64_t(picture.width - width + 1)));
    return fillPatch(picture, top, left, top + height, left + width, v[3],
                     random);
  }
}

constexpr AugmentParameter kFill{
    "fill", kFillMean, 0, 255, "a brightness, mean or noise", false, true};
constexpr AugmentParameter kCutout[] = {
    {"size", kNeeded, 1, 1000, "side of the square", true},
    {"count", 1, 1, 100, "squares", true},
    kFill,
    {"p", 1, 0, 1, "how often it happens"}};
constexpr AugmentParameter kErase[] = {
    {"low", 0.02, 0, 1, "least share of the area"},
    {"high", 0.33, 0, 1, "largest share of the area"},
    {"ratio", 3.3, 1, 100, "height to width, or the reverse, at most"},
    kFill,
    {"p", 0.5, 0, 1, "how often it happens"}};

constexpr AugmentKind kKinds[] = {
    {"cutout", "hide squares", kCutout, nullptr, cutout, false},
    {"erase", "hide a rectangle", kErase, nullptr, erase, false}};

} // namespace

extern const std::span<const AugmentKind> kPatches;
const std::span<const AugmentKind> kPatches = kKinds;

} // namespace gradmill::rt
