// The forms in ONNX of the shell's own ops.
#pragma once

namespace gradmill {
class Registry;
}

namespace gradmill::nn {
void addCoreOnnxForms(Registry &registry);
}
