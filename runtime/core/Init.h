// Initial values of a model's tensors (docs/manifest.md, "init").
#pragma once

#include "core/Manifest.h"

namespace gradmill::rt {

// Fills `values` (spec.bytes long). Tensor `index` has its own stream of random
// numbers, so the result depends on (seed, index) only. `data` is the
// artifact's data, which the spec has been checked against.
//
// kaiming_uniform: element i is (2u - 1) b, u the i-th 24-bit uniform;
// kaiming_normal: Box-Muller on the two halves of Philox block i / 2.
void initTensor(const TensorSpec &spec, size_t index, uint64_t seed,
                const void *data, void *values);

} // namespace gradmill::rt
