// A graph as an ONNX model: docs/onnx.md.
#pragma once

#include "compiler/export/Export.h"

namespace gradmill {

/// The bytes of a model for inference, in version nn::kOnnxOpset of ONNX's
/// operators; none after an error. Each op writes itself by the form that its
/// family registered (nn/Onnx.h). Parameters have their initial values as
/// numbers. Labels: onnx_export (ops without a form, all of them in one error, and
/// names that go twice), onnx_weights (parameters without numbers).
std::optional<std::string> writeOnnx(mlir::ModuleOp module,
                                     const ExportOptions &options);

} // namespace gradmill
