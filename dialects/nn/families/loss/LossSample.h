#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
/// How errors get into random graphs.
void addLossSamples(Registry &registry);
} // namespace gradmill::nn
