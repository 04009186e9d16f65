#pragma once
#include "nn/Registry.h"

namespace gradmill::nn {
void addResizeOnnxForms(Registry &registry);
}
