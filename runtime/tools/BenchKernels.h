// `bench --per-op`: where the time of a step goes.
#pragma once

#include "report/KernelTable.h"
#include "tools/Commands.h"

namespace gradmill::rt {

// Fixed random data and targets: training on them takes as much work as on any
// others.
void fillInputs(Model &model, BoundEntry &entry);

// Times the kernels of `entry`, whose inputs are filled. Errors: no_kernels.
Result<StepTimes> timeKernels(Model &model, BoundEntry &entry,
                              const BenchOptions &options);

// The same, printed.
int benchKernels(Model &model, BoundEntry &entry, const BenchOptions &options);

} // namespace gradmill::rt
