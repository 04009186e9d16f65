// From a column's values to a port's: types, normalization, augmentation.
#pragma once

#include "data/Loader.h"
#include "data/Warp.h"

#include <optional>
#include <string>
#include <vector>

namespace gradmill::rt {

// Why the values of a column cannot become the port's, or "". Looks at each
// value unless the types alone decide.
std::string valueProblem(const PortColumn &pair, uint64_t samples);

// Holds scratch memory: one per thread. The values must have passed
// valueProblem.
class Conversion {
public:
  explicit Conversion(const PortColumn &pair);

  // Pictures of bytes, which augmentation warps.
  bool warps() const { return picture; }
  // Writes one sample to `target`, whose type is the port's.
  void write(uint64_t sample, uint8_t *target) const;
  void warp(uint64_t sample, const Augmentation &augment, RandomStream random,
            uint8_t *target);
  void augment(const Augmenter &augmenter, uint64_t seed, int64_t epoch,
               uint64_t sample, uint8_t *target);

private:
  void storeWarped(uint8_t *target);

  const PortSpec *port;
  const Column *column;
  size_t elements;
  bool bytes;           // x / 255 rather than x
  bool picture = false; // [C, H, W] or [H, W]
  int channels = 0, height = 0, width = 0;
  std::optional<Warper> warper; // of bytes
  std::vector<float> warped;    // for ports that are not f32
  std::vector<float> planes;    // for an augmenter
};

} // namespace gradmill::rt
