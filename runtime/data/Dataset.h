// Labelled images in memory, as bytes: what every data source produces and the
// loader consumes.
#pragma once

#include "data/Pixels.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

struct Dataset {
  std::string name; // what to call it in messages: "mnist/train"
  int channels = 1, height = 0, width = 0, classes = 10;
  Pixels images;               // [size, channels, height, width]
  std::vector<uint8_t> labels; // [size], each < classes

  size_t size() const { return labels.size(); }
  size_t imageBytes() const { return size_t(channels) * height * width; }
};

struct DatasetSplit {
  Dataset train, test;
  std::string source; // where it came from, for people: "/data/mnist", "drawn
                      // digits (seed 1)"
  std::vector<std::string> files; // that it was read from
};

} // namespace gradmill::rt
