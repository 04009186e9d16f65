// Augmentation in steps, written like a net's text:
//
//   rotate(10) | shift(2) | flip_h | cutout(8, fill=mean)
//
// The result depends on the seed, the epoch and the picture's number only, so
// it does not matter which thread computes it, nor when. Each step draws from a
// stream of its own, so changing one step does not change the others.
//
// A new step is a function and a line of the table in its file (Geometry.cpp,
// Patches.cpp).
#pragma once

#include "core/Error.h"
#include "data/Loader.h"
#include "data/Random.h"
#include "data/Warp.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace gradmill::rt {

// A parameter of a step. `fill` means that it may be "mean" or "noise", too.
struct AugmentParameter {
  const char *name;
  double value; // by default; NaN: must be given
  double low, high;
  const char *doc;
  bool whole = false, fill = false;
};

// Values of a fill that are no brightness.
inline constexpr double kFillMean = -1, kFillNoise = -2;

struct AugmentPicture {
  float *planes; // [channels, height, width], 0 to 255
  int channels, height, width;
  const float *mean; // of each channel

  size_t plane() const { return size_t(height) * size_t(width); }
};

using AugmentValues = std::span<const double>; // in the parameters' order

struct AugmentKind {
  const char *name, *doc;
  std::span<const AugmentParameter> parameters;
  // One of the two. `map`: appends the inverse of an affine map to `inverse`;
  // consecutive maps sample the picture once. `change`: anything else.
  void (*map)(Affine &inverse, AugmentValues, int height, int width,
              RandomStream &) = nullptr;
  void (*change)(const AugmentPicture &, AugmentValues,
                 RandomStream &) = nullptr;
  bool moves = true; // pixels
  // Instead of the two: a plugin's, which knows itself.
  void (*own)(const AugmentKind &, const AugmentPicture &, AugmentValues,
              RandomStream &) = nullptr;
  // Instead of all these: the share of a second sample in those of a batch.
  float (*share)(AugmentValues, RandomStream &) = nullptr;
};

// Steps of plugins (plugins/LoadPlugins.h).
extern std::vector<const AugmentKind *> ownAugmentKinds;

// All steps. The last parameter of each is `p`, its probability.
std::vector<const AugmentKind *> augmentKinds();

// Error: augment (an unknown step or parameter, with the nearest known one, or a
// value out of range).
Result<std::shared_ptr<const Augmenter>> parseAugment(const std::string &text);

// Samples a picture again: pixel i comes from (x[i], y[i]), bilinearly. Outside
// is black.
void resample(const AugmentPicture &picture, std::span<const float> x,
              std::span<const float> y);

} // namespace gradmill::rt
