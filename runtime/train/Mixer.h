// What mixes the samples of a training batch with each other. Between the trainer,
// which asks, and who does it (Mixup.h); the stand-alone trainer has nobody who does.
#pragma once

#include "core/Model.h"
#include "data/Loader.h"

#include <memory>

namespace gradmill::rt {

class Mixer {
public:
  virtual ~Mixer() = default;
  // Leaves the ports that it feeds itself to `mix`.
  virtual void take(std::vector<const PortSpec *> &ports) = 0;
  // Once, before the first step. Error: mixup (data that cannot be mixed).
  virtual Status begin(const Augmenter &augmenter,
                       const std::vector<PortColumn> &columns, uint64_t seed) = 0;
  // Mixes the values of a batch, the run's `number`-th, and adds those of its ports.
  virtual void mix(BoundEntry &entry, PortValues &values, int64_t number) = 0;
};

} // namespace gradmill::rt
