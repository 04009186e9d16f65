// `bench --per-op`: where the time of a step goes.
#pragma once

#include "report/KernelTable.h"
#include "tools/Commands.h"

namespace gradmill::rt {

// Fixed random data and targets: training on them is as much work as on any.
void fillInputs(Model &model, BoundEntry &entry);

// What the kernels of `entry`, whose inputs are filled, take. Errors:
// no_kernels.
Result<StepTimes> timeKernels(Model &model, BoundEntry &entry,
                              const BenchOptions &options);

// The same, printed.
int benchKernels(Model &model, BoundEntry &entry, const BenchOptions &options);

} // namespace gradmill::rt
