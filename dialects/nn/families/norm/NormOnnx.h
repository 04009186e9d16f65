#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addNormOnnxForms(Registry &registry);
}
