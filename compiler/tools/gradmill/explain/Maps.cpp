#include "Maps.h"
#include <algorithm>
#include <cmath>

namespace gradmill::cli {

bool PixelMap::isZero() const {
  return std::all_of(values.begin(), values.end(),
                     [](float v) { return v == 0; });
}

// The channels by their weights, summed; negative sums are cut off.
static PixelMap weighted(const ChannelMaps &layer,
                         const std::vector<double> &weights) {
  PixelMap map{layer.height, layer.width, {}};
  for (int64_t p = 0; p < layer.height * layer.width; ++p) {
    double sum = 0;
    for (int64_t c = 0; c < layer.channels; ++c)
      sum += weights[size_t(c)] * layer.at(c, p);
    map.values.push_back(float(std::max(sum, 0.0)));
  }
  return map;
}

PixelMap gradCam(const ChannelMaps &layer, const ChannelMaps &gradient) {
  int64_t pixels = layer.height * layer.width;
  std::vector<double> weights;
  for (int64_t c = 0; c < layer.channels; ++c) {
    double sum = 0;
    for (int64_t p = 0; p < pixels; ++p)
      sum += gradient.at(c, p);
    weights.push_back(sum / double(pixels));
  }
  return weighted(layer, weights);
}

// Of the exponential of the score, whose second and third derivatives are powers
// of the first where layers are linear in pieces.
PixelMap gradCamPlusPlus(const ChannelMaps &layer, const ChannelMaps &gradient) {
  int64_t pixels = layer.height * layer.width;
  std::vector<double> weights;
  for (int64_t c = 0; c < layer.channels; ++c) {
    double all = 0, weight = 0;
    for (int64_t p = 0; p < pixels; ++p)
      all += layer.at(c, p);
    for (int64_t p = 0; p < pixels; ++p) {
      double g = gradient.at(c, p);
      double divisor = 2 * g * g + all * g * g * g;
      if (g > 0 && divisor != 0)
        weight += g * g / divisor * g;
    }
    weights.push_back(weight);
  }
  return weighted(layer, weights);
}

PixelMap saliency(const ChannelMaps &gradient) {
  PixelMap map{gradient.height, gradient.width, {}};
  for (int64_t p = 0; p < gradient.height * gradient.width; ++p) {
    float most = 0;
    for (int64_t c = 0; c < gradient.channels; ++c)
      most = std::max(most, std::fabs(gradient.at(c, p)));
    map.values.push_back(most);
  }
  return map;
}

PixelMap resized(const PixelMap &map, int64_t height, int64_t width) {
  PixelMap out{height, width, {}};
  // The pixel left of a place, and how far the place is from it.
  auto place = [](int64_t i, int64_t from, int64_t to, double &part) {
    double at = (double(i) + 0.5) * double(from) / double(to) - 0.5;
    at = std::clamp(at, 0.0, double(from - 1));
    auto left = std::min(int64_t(at), std::max<int64_t>(from - 2, 0));
    part = from > 1 ? at - double(left) : 0;
    return left;
  };
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x) {
      double down, right;
      int64_t top = place(y, map.height, height, down);
      int64_t left = place(x, map.width, width, right);
      auto at = [&](int64_t dy, int64_t dx) {
        int64_t row = std::min(top + dy, map.height - 1);
        int64_t column = std::min(left + dx, map.width - 1);
        return double(map.values[size_t(row * map.width + column)]);
      };
      out.values.push_back(
          float((1 - down) * ((1 - right) * at(0, 0) + right * at(0, 1)) +
                down * ((1 - right) * at(1, 0) + right * at(1, 1))));
    }
  return out;
}

PixelMap scaled(PixelMap map) {
  float most = 0;
  for (float value : map.values)
    most = std::max(most, value);
  for (float &value : map.values)
    value = most > 0 ? std::max(value, 0.0f) / most : 0;
  return map;
}

} // namespace gradmill::cli
