#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addPoolSamples(Registry &registry);
}
