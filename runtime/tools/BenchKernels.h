// `bench --per-op`: where the time of a step goes.
#pragma once

#include "tools/Commands.h"

namespace gradmill::rt {

// Runs steps of `entry`, whose inputs are filled, and prints its kernels.
// Errors: no_kernels.
int benchKernels(Model &model, BoundEntry &entry, const BenchOptions &options);

} // namespace gradmill::rt
