// A momentum that moves against the learning rate, as OneCycleLR and CyclicLR
// have it (cycle_momentum).
#pragma once

#include "core/Error.h"
#include "core/Model.h"
#include "train/Schedule.h"

namespace gradmill::rt {

// Of step `step`: high where the rate is low, low at its peak.
double momentumAt(const Schedule &schedule, int64_t step, int64_t totalSteps,
                  int64_t stepsPerEpoch);

// Prepares the model for a step with this momentum. The compiled step has its
// own folded in, v = m v + g: velocities are multiplied by momentum / m before
// it. Error: momentum (an optimizer without momentum, or with nesterov, which
// needs m itself; groups with other momenta).
Status cycleMomentum(Model &model, const Schedule &schedule, int64_t step,
                     int64_t totalSteps, int64_t stepsPerEpoch);

} // namespace gradmill::rt
