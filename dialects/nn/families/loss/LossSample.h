#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
/// Errors in random graphs.
void addLossSamples(Registry &registry);
} // namespace gradmill::nn
