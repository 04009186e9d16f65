// The judge of `gradmill train`: early stopping, the best epoch, and the plateau
// schedule, all by one number of the validation samples.
#pragma once

#include "core/Manifest.h"
#include "train/Judge.h"
#include "train/TrainOptions.h"

#include <memory>

namespace gradmill::rt {

// Null where the options ask for nothing of it. Error: no_validation (without
// --val-split), unknown_metric (--watch).
Result<std::unique_ptr<Judge>> makeWatch(const TrainOptions &options,
                                         const Manifest &manifest);

} // namespace gradmill::rt
