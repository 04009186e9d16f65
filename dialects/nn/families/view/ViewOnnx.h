#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addViewOnnxForms(Registry &registry);
}
