#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addPoolOnnxForms(Registry &registry);
}
