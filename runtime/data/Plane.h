// Planes of brightness, cut out of pictures and scaled.
#pragma once

#include "data/Png.h"

#include <cstdint>
#include <vector>

namespace gradmill::rt {

// 0 to 255.
struct Plane {
  int width = 0, height = 0;
  std::vector<float> at;
  float operator()(int x, int y) const {
    return at[size_t(y) * size_t(width) + size_t(x)];
  }
};

struct Box {
  int left, top, right, bottom; // right and bottom exclusive
  int width() const { return right - left; }
  int height() const { return bottom - top; }
};

inline Box wholeOf(const Plane &plane) {
  return {0, 0, plane.width, plane.height};
}

inline float luminance(const uint8_t *rgba) { // Rec. 601
  return 0.299f * rgba[0] + 0.587f * rgba[1] + 0.114f * rgba[2];
}

// Channel 0 to 2, or the brightness of all (-1), before `backdrop`.
Plane planeOf(const Picture &picture, int channel, float backdrop);

// Area averaging: each target pixel is the mean of the part of the source that
// it covers. Exact for both shrinking and enlarging.
Plane scaleBox(const Plane &plane, const Box &box, int width, int height);

// The largest size of the same proportions within maxWidth x maxHeight.
void fit(const Box &box, int maxWidth, int maxHeight, int &width, int &height);

// Copies `small` into `out` with its upper left corner at (left, top).
void paste(const Plane &small, int left, int top, int height, int width,
           uint8_t *out);

} // namespace gradmill::rt
