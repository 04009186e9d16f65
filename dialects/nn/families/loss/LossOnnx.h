#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addLossOnnxForms(Registry &registry);
}
