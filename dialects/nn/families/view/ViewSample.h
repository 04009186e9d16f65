#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
/// Views in random graphs.
void addViewSamples(Registry &registry);
} // namespace gradmill::nn
