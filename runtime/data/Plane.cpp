#include "data/Plane.h"

#include <algorithm>
#include <cmath>

namespace gradmill::rt {

Plane planeOf(const Picture &picture, int channel, float backdrop) {
  Plane plane{picture.width, picture.height, {}};
  plane.at.resize(picture.rgba.size() / 4);
  for (size_t i = 0; i < plane.at.size(); ++i) {
    const uint8_t *rgba = &picture.rgba[4 * i];
    float alpha = rgba[3] / 255.0f;
    float value = channel < 0 ? luminance(rgba) : rgba[channel];
    plane.at[i] = alpha * value + (1 - alpha) * backdrop;
  }
  return plane;
}

namespace {

// The overlap of target cells with source pixels along one axis.
struct Span {
  int first;
  std::vector<float> weight; // sums to 1
};

std::vector<Span> spansFor(int from, int size, int target) {
  std::vector<Span> spans;
  double step = double(size) / target;
  for (int i = 0; i < target; ++i) {
    double low = i * step, high = (i + 1) * step;
    int first = std::min(int(low), size - 1);
    int last = std::min(int(std::ceil(high)), size);
    Span span{from + first, {}};
    for (int k = first; k < std::max(last, first + 1); ++k)
      span.weight.push_back(
          float((std::min(high, k + 1.0) - std::max(low, double(k))) / step));
    spans.push_back(std::move(span));
  }
  return spans;
}

} // namespace

Plane scaleBox(const Plane &plane, const Box &box, int width, int height) {
  std::vector<Span> columns = spansFor(box.left, box.width(), width);
  Plane out{width, height, {}};
  for (const Span &row : spansFor(box.top, box.height(), height))
    for (const Span &column : columns) {
      float sum = 0;
      for (size_t j = 0; j < row.weight.size(); ++j)
        for (size_t i = 0; i < column.weight.size(); ++i)
          sum += row.weight[j] * column.weight[i] *
                 plane(column.first + int(i), row.first + int(j));
      out.at.push_back(sum);
    }
  return out;
}

void fit(const Box &box, int maxWidth, int maxHeight, int &width, int &height) {
  double scale = std::min(double(maxWidth) / box.width(),
                          double(maxHeight) / box.height());
  width = std::clamp(int(std::lround(box.width() * scale)), 1, maxWidth);
  height = std::clamp(int(std::lround(box.height() * scale)), 1, maxHeight);
}

void paste(const Plane &small, int left, int top, int height, int width,
           uint8_t *out) {
  for (int y = 0; y < small.height; ++y)
    for (int x = 0; x < small.width; ++x) {
      int ox = left + x, oy = top + y;
      if (ox >= 0 && ox < width && oy >= 0 && oy < height)
        out[size_t(oy) * size_t(width) + size_t(ox)] =
            uint8_t(std::clamp(small(x, y), 0.0f, 255.0f) + 0.5f);
    }
}

} // namespace gradmill::rt
