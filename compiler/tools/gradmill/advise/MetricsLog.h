// The log of a run, as `gradmill train --metrics` writes it.
#pragma once
#include "core/Error.h"
#include "nn/Advice.h"

namespace gradmill::cli {

/// The records of epochs, in order; of an epoch that a resumed run has written
/// again the last. Errors: file_not_found and the like, metrics_log.
rt::Result<std::vector<nn::EpochRecord>>
readMetricsLog(const std::string &path);

} // namespace gradmill::cli
