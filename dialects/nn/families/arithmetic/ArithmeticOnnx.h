#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addArithmeticOnnxForms(Registry &registry);
}
