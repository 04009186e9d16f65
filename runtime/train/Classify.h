// Models that classify pictures.
#pragma once

#include "core/Model.h"

#include <vector>

namespace gradmill::rt {

struct Classifier {
  const PortSpec *image;      // f32 [C, H, W]
  const PortSpec *prediction; // f32 [classes]

  int64_t classes() const { return int64_t(prediction->elements); }
};

// Error: no_classifier, which lists the model's inputs and outputs.
Result<Classifier> classifierOf(const Model &model);

// Log-probabilities of the classes of one picture, bytes [C, H, W].
Result<std::vector<float>> classify(Model &model, const Classifier &classifier,
                                    const uint8_t *pixels);

} // namespace gradmill::rt
