// Turns a picture into a model's input: bytes [channels, height, width].
#pragma once

#include "core/Error.h"
#include "data/Png.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

enum class Invert {
  Auto, // digit: look at the border: a light background means dark ink
  Yes,  // the ink is dark
  No,   // the ink is light
};

struct ImageOptions {
  Invert invert = Invert::Auto;
  uint64_t maxUnpack = kMaxUnpack; // Unpack.h
};

// The names that a graph can ask for (nn.preprocess).
struct Preprocessing {
  const char *name, *doc;
};
std::vector<Preprocessing> preprocessings();

// Without a name the picture is only converted to the model's channels and
// scaled to its size: it is not inverted (unless options say Yes), and
// proportions are not kept. Transparent pixels are white. `name` is for
// messages. Errors: image_preprocess (no such name), image_shape (other than 1
// or 3 channels, or sides outside 1 to 4096), image_blank (digit: no ink).
Result<std::vector<uint8_t>>
preprocessImage(const std::string &preprocess, const Picture &picture,
                const std::string &name, int channels, int height, int width,
                const ImageOptions &options = {});

} // namespace gradmill::rt
