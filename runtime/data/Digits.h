// A data set without files: digits that the program draws itself.
//
// Each digit has several handwritten forms (Glyphs.h) as strokes. A drawing
// takes one form, moves its points, turns, shears, scales, shifts and bends it,
// draws it with a pen of random width and adds noise. White on black, 28x28,
// placed about as in MNIST, so that a model trained on one set can be tested on
// the other.
//
// Image i of a split depends on (seed, split, i) only.
#pragma once

#include "core/Error.h"
#include "data/Dataset.h"

#include <cstdint>

namespace gradmill::rt {

inline constexpr int kDigitSide = 28;

struct DigitOptions {
  uint64_t seed = 1;
  size_t train = 10000, test = 2000;
};

enum class DigitSplit : uint64_t { Train = 0, Test = 1 };

// Draws image `index` into pixels[28 * 28] and returns its label. Every run of
// ten from a multiple of ten holds each label once.
int drawDigit(uint64_t seed, DigitSplit split, uint64_t index, uint8_t *pixels);

// Error: digits_count (none, or more than a million).
Result<DatasetSplit> drawDigits(const DigitOptions &options);

} // namespace gradmill::rt
