// Turns a Dataset into batches of normalized floats: seeded shuffle,
// augmentation, and a thread that prepares the next batches ahead of time.
//
// Deterministic: batch b of epoch e depends on (seed, e, b) only, never on
// timing, so training resumed at any step sees the same bytes. The warp of a
// sample depends on (seed, epoch, sample), not on its place in the batch.
#pragma once

#include "data/Dataset.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace gradmill::rt {

struct Augmentation {
  float rotationDegrees = 0; // uniform in [-r, r]
  float translatePixels = 0; // uniform in [-t, t], each axis
  float scale = 0;           // uniform in [1-s, 1+s]
  float shearDegrees = 0;    // uniform in [-s, s]
};

struct LoaderOptions {
  int64_t batch = 128;
  uint64_t seed = 1;
  bool shuffle = true;
  // Else the last batch is padded with images of 0.0 and label 0.
  bool dropLast = true;
  // Bilinear; pixels outside the image are 0 before normalization.
  Augmentation augment;
  // Per channel: (pixel / 255 - mean) / std.
  std::vector<float> mean{0.0f}, std{1.0f};
  // Batches prepared ahead; 0 prepares on the caller's thread.
  int prefetch = 4;
};

struct Batch {
  std::vector<float> images;   // [batch, C, H, W]
  std::vector<int32_t> labels; // [batch]
  int64_t valid = 0;           // images before the padding
};

class Loader {
public:
  // `data` must outlive the loader. Options are checked by the caller. With
  // dropLast and fewer samples than a batch there are no batches at all.
  Loader(const Dataset &data, LoaderOptions options);
  ~Loader();
  int64_t batchesPerEpoch() const;
  // Starts an epoch at a batch (resume: first > 0); the one under way, if any,
  // is left at once.
  void start(int64_t epoch, int64_t first = 0);
  // The next batch of the epoch, or nullptr at its end (and before start()).
  // Valid until the next call.
  const Batch *next();

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace gradmill::rt
