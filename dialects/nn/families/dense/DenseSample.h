#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addDenseSamples(Registry &registry);
}
