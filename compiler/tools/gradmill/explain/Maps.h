// Which pixels speak for a class: numbers of one sample, without a model.
#pragma once
#include <cstdint>
#include <vector>

namespace gradmill::cli {

/// [height, width]
struct PixelMap {
  int64_t height = 0, width = 0;
  std::vector<float> values;

  bool isZero() const;
};

/// [channels, height, width], of a layer's result or its gradient.
struct ChannelMaps {
  int64_t channels = 0, height = 0, width = 0;
  const float *values = nullptr;

  float at(int64_t channel, int64_t pixel) const {
    return values[channel * height * width + pixel];
  }
};

/// Grad-CAM: the channels, each times the mean of its gradient, summed; what
/// speaks against the class is cut off. Selvaraju et al., 2017.
PixelMap gradCam(const ChannelMaps &layer, const ChannelMaps &gradient);
/// Grad-CAM++: a channel's weight is its positive gradients, each by how much of
/// the class's score it explains. Chattopadhay et al., 2018.
PixelMap gradCamPlusPlus(const ChannelMaps &layer, const ChannelMaps &gradient);
/// The largest change of the score by a pixel, over its channels. Simonyan,
/// Vedaldi and Zisserman, 2013.
PixelMap saliency(const ChannelMaps &gradient);

/// Bilinear, the corners of both pictures at one place.
PixelMap resized(const PixelMap &map, int64_t height, int64_t width);
/// To 0..1 by its largest value; a map without a positive one becomes 0.
PixelMap scaled(PixelMap map);

} // namespace gradmill::cli
