// All rules about a graph and a run, for who does not print them.
#pragma once
#include "../Backend.h"
#include "../report/Data.h"
#include "nn/Advice.h"

namespace gradmill::cli {

/// What the rules find, by line, what is of the run last. `epochs` may be empty.
/// Errors: no_entry, and those of reading.
rt::Result<std::vector<Finding>> adviceOn(const GraphOptions &graph,
                                          std::vector<nn::EpochRecord> epochs);

} // namespace gradmill::cli
