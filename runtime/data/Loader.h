// Turns a Dataset into batches for a model's ports: seeded shuffle,
// normalization, augmentation, and a thread that prepares the next batches
// ahead of time.
//
// Deterministic: batch b of epoch e depends on (seed, e, b) only, never on
// timing. So training that is resumed at any step sees the same bytes. The warp
// of a sample depends on (seed, epoch, sample), not on its place in the batch.
#pragma once

#include "core/Buffer.h"
#include "core/Error.h"
#include "data/Dataset.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gradmill::rt {

struct Augmentation {
  float rotationDegrees = 0; // uniform in [-r, r]
  float translatePixels = 0; // uniform in [-t, t], each axis
  float scale = 0;           // uniform in [1-s, 1+s]
  float shearDegrees = 0;    // uniform in [-s, s]
};

// Changes pictures on their way. Implemented in data/augment/, which the
// stand-alone trainer leaves out.
class Augmenter {
public:
  virtual ~Augmenter() = default;
  // `planes` are [channels, height, width], 0 to 255; `mean` is a channel's
  // mean in the same unit. The result depends on the seed, the epoch and the
  // sample's number only. Called on several threads.
  virtual void apply(float *planes, int channels, int height, int width,
                     const float *mean, uint64_t seed, int64_t epoch,
                     uint64_t sample) const = 0;
  // Whether targets per pixel would have to move too.
  virtual bool moves() const = 0;
  // Whether the samples of a batch are mixed with each other, and the share of the
  // second one, 0 to 1/2, in a batch. (train/Mixup.h does it.)
  virtual bool mixes() const = 0;
  virtual float mixedShare(uint64_t seed, int64_t batch) const = 0;
};

// The source of a port's values.
struct PortColumn {
  const PortSpec *port = nullptr;
  const Column *column = nullptr;
};

// Finds a column for each of `ports` (docs/ports.md says how), in their order.
// `map` holds PORT=COLUMN pairs. Errors: data_mismatch, which lists both sides;
// data_map (no such port or column).
Result<std::vector<PortColumn>>
columnsFor(const Dataset &data, const std::vector<const PortSpec *> &ports,
           const std::vector<std::pair<std::string, std::string>> &map,
           const std::string &model);

struct LoaderOptions {
  int64_t batch = 128;
  uint64_t seed = 1;
  bool shuffle = true;
  // Else the last batch is padded with zeros.
  bool dropLast = true;
  // Bilinear, of data columns of bytes [C, H, W], the same for all of a
  // sample's; pixels outside the image are 0 before normalization.
  Augmentation augment;
  // The samples of a batch that are wanted, from the first to before the last.
  // The others' places hold anything.
  int64_t first = 0, last = INT64_MAX;
  // Instead of it, for the same columns.
  std::shared_ptr<const Augmenter> augmenter;
  // Batches prepared ahead; 0 prepares on the caller's thread.
  int prefetch = 4;
};

struct Batch {
  // [batch, ...port.shape] in the port's dtype, one for each port, aligned to
  // 64 bytes.
  std::vector<AlignedBuffer> values;
  int64_t valid = 0; // samples before the padding

  const void *at(size_t port) const { return values[port].data(); }
};

class Loader {
public:
  // `data` and what `ports` point to must outlive the loader. Options are
  // checked by the caller. With dropLast and fewer samples than a batch there
  // are no batches at all. Error: out_of_memory.
  static Result<std::unique_ptr<Loader>> create(const Dataset &data,
                                                std::vector<PortColumn> ports,
                                                LoaderOptions options);
  ~Loader();
  int64_t batchesPerEpoch() const;
  // Starts an epoch at a batch (resume: first > 0). Leaves the current epoch at
  // once, if there is one.
  void start(int64_t epoch, int64_t first = 0);
  // The next batch of the epoch, or nullptr at its end (and before start()).
  // Valid until the next call.
  const Batch *next();

private:
  struct Impl;
  explicit Loader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace gradmill::rt
