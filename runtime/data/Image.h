// Turns any picture of a digit into what an MNIST-like model was trained on.
//
// MNIST's own preparation (LeCun et al., 1998): the ink is scaled to fit a
// 20x20 box keeping its proportions, anti-aliased, and placed in 28x28 with its
// centre of mass in the middle. White on black.
#pragma once

#include "core/Error.h"
#include "data/Png.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

enum class Invert {
  Auto, // look at the border: a light background means dark ink
  Yes,  // the ink is dark
  No,   // the ink is light
};

struct ImageOptions {
  Invert invert = Invert::Auto;
  uint64_t maxUnpack = kMaxUnpack; // Unpack.h
};

// Pixels [channels, height, width]. With one channel as described above; a
// picture that already has the model's size is only inverted where needed,
// never moved. With three, the picture is scaled to fit, without inversion.
// Errors: those of readPng; image_blank (no ink), image_shape (a model with
// other than 1 or 3 channels, or with sides outside 1 to 4096).
Result<std::vector<uint8_t>>
loadImageForModel(const std::string &path, int channels, int height, int width,
                  const ImageOptions &options = {});

// The same of a picture in memory; `name` is for messages.
Result<std::vector<uint8_t>> prepareImage(const Picture &picture,
                                          const std::string &name, int channels,
                                          int height, int width,
                                          const ImageOptions &options = {});

} // namespace gradmill::rt
