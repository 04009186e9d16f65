// One pass from stored bytes to a model's floats: inverse affine warp with
// bilinear sampling, and per-channel normalization.
#pragma once

#include "data/Loader.h"
#include "data/Random.h"

#include <cstdint>
#include <vector>

namespace gradmill::rt {

// The source of the output's pixel (x, y): (xx x + xy y + x0, yx x + yy y +
// y0).
struct Affine {
  float xx = 1, xy = 0, x0 = 0;
  float yx = 0, yy = 1, y0 = 0;
};

// The inverse of: scale, shear along x, turn about the middle, then shift.
Affine drawAffine(const Augmentation &augment, int height, int width,
                  RandomStream &random);

// Holds scratch memory: one per thread.
class Warper {
public:
  Warper(int channels, int height, int width, const std::vector<float> &mean,
         const std::vector<float> &std);

  // source, target: [C, H, W]. target = (source / 255 - mean) / std.
  void normalize(const uint8_t *source, float *target) const;
  void normalize(const float *source, float *target) const;
  // Of each channel, as a byte: what becomes 0.
  const float *means() const { return mean.data(); }
  // The same of the warped image; outside the source lie zeros.
  void warp(const uint8_t *source, const Affine &map, float *target);

private:
  template <typename T> void scale(const T *source, float *target) const;

  int channels, height, width;
  int stride; // of a row of `padded`: one zero before, two after
  std::vector<float> mean;         // per channel, 0 to 255
  std::vector<float> gain, offset; // per channel: byte * gain + offset
  std::vector<float> padded;       // [C, H + 3, stride]
  std::vector<int32_t> corner;     // [W] top left of the four neighbours
  std::vector<float> right, down;  // [W] their weights
};

} // namespace gradmill::rt
