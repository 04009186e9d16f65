#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addConvSamples(Registry &registry);
}
