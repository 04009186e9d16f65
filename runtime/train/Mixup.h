// Mixup (Zhang et al., 2017): sample i of a batch becomes (1 - s) * sample i + s *
// sample i + 1, with one share s for the batch, as the augmentation draws it. The
// compiled step gets the targets of both, and mixes the losses by the same share
// (autodiff/BuildStep.cpp). Batches are in random order, so neighbours are random pairs.
#pragma once

#include "train/Mixer.h"

namespace gradmill::rt {

// Null if the step is not compiled for mixed samples.
std::unique_ptr<Mixer> makeMixer(const Manifest &manifest, const EntrySpec &entry);

// Mixes `count` samples of `size` numbers with their neighbours.
void mixNeighbours(const float *from, float *to, int64_t count, int64_t size,
                   float share);

} // namespace gradmill::rt
