#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addActivationOnnxForms(Registry &registry);
}
