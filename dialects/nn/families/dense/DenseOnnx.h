#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addDenseOnnxForms(Registry &registry);
}
