#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addConvOnnxForms(Registry &registry);
}
