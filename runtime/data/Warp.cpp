#include "data/Warp.h"

#include <algorithm>
#include <cmath>

namespace gradmill::rt {

Affine drawAffine(const Augmentation &augment, int height, int width,
                  RandomStream &random) {
  constexpr float degrees = 3.14159265358979f / 180;
  auto draw = [&](float reach) { return random.uniform(-reach, reach); };
  // Always five draws, so that switching one option off does not change the
  // others.
  float angle = draw(augment.rotationDegrees) * degrees;
  float tx = draw(augment.translatePixels);
  float ty = draw(augment.translatePixels);
  float scale = std::max(1 + draw(augment.scale), 1e-3f);
  float shear = std::tan(draw(augment.shearDegrees) * degrees);

  // Forward is R S scale with R = [c -s; s c] and S = [1 shear; 0 1]; its
  // inverse is S^-1 R^T / scale.
  float c = std::cos(angle) / scale, s = std::sin(angle) / scale;
  Affine map;
  map.xx = c + shear * s, map.xy = s - shear * c;
  map.yx = -s, map.yy = c;
  float mx = 0.5f * float(width - 1), my = 0.5f * float(height - 1);
  map.x0 = mx - map.xx * (mx + tx) - map.xy * (my + ty);
  map.y0 = my - map.yx * (mx + tx) - map.yy * (my + ty);
  return map;
}

Warper::Warper(int channels, int height, int width,
               const std::vector<float> &mean, const std::vector<float> &std)
    : channels(channels), height(height), width(width), stride(width + 3),
      padded(size_t(channels) * size_t(height + 3) * size_t(stride)),
      corner(size_t(width)), right(size_t(width)), down(size_t(width)) {
  // One value given for several channels holds for all of them.
  for (size_t c = 0; c < size_t(channels); ++c) {
    float m = mean.empty() ? 0.0f : mean[std::min(c, mean.size() - 1)];
    float s = std.empty() ? 1.0f : std[std::min(c, std.size() - 1)];
    gain.push_back(1 / (255 * s));
    offset.push_back(-m / s);
    this->mean.push_back(255 * m);
  }
}

template <typename T>
void Warper::scale(const T *source, float *target) const {
  size_t plane = size_t(height) * size_t(width);
  for (size_t c = 0; c < size_t(channels); ++c)
    for (size_t i = 0; i < plane; ++i)
      target[c * plane + i] =
          float(source[c * plane + i]) * gain[c] + offset[c];
}

void Warper::normalize(const uint8_t *source, float *target) const {
  scale(source, target);
}
void Warper::normalize(const float *source, float *target) const {
  scale(source, target);
}

void Warper::warp(const uint8_t *source, const Affine &map, float *target) {
  // A frame of zeros around each plane. Sampling then needs no test whether a
  // neighbour exists, only a clamp, and both loops below have no branches.
  size_t area = size_t(height + 3) * size_t(stride);
  for (int c = 0; c < channels; ++c)
    for (int y = 0; y < height; ++y) {
      float *row = padded.data() + size_t(c) * area + (y + 1) * stride + 1;
      for (int x = 0; x < width; ++x)
        row[x] = float(*source++);
    }

  const float xEnd = float(width + 1), yEnd = float(height + 1);
  for (int y = 0; y < height; ++y) {
    float sx0 = map.xy * float(y) + map.x0 + 1;
    float sy0 = map.yy * float(y) + map.y0 + 1;
    for (int x = 0; x < width; ++x) {
      float sx = std::min(std::max(map.xx * float(x) + sx0, 0.0f), xEnd);
      float sy = std::min(std::max(map.yx * float(x) + sy0, 0.0f), yEnd);
      int32_t ix = int32_t(sx), iy = int32_t(sy);
      corner[x] = iy * stride + ix;
      right[x] = sx - float(ix);
      down[x] = sy - float(iy);
    }
    for (int c = 0; c < channels; ++c) {
      const float *plane = padded.data() + size_t(c) * area;
      float *out = target + (size_t(c) * height + y) * width;
      float g = gain[c], o = offset[c];
      for (int x = 0; x < width; ++x) {
        const float *p = plane + corner[x];
        float top = p[0] + right[x] * (p[1] - p[0]);
        float low = p[stride] + right[x] * (p[stride + 1] - p[stride]);
        out[x] = (top + down[x] * (low - top)) * g + o;
      }
    }
  }
}

} // namespace gradmill::rt
