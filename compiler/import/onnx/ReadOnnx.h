// An ONNX model to the nn dialect: docs/onnx.md.
#pragma once

#include "compiler/import/Import.h"

namespace gradmill {

/// Errors: onnx_*, and those of the ops, with the node that they are about. Any
/// bytes give a module or an error. Weights become the initial values of
/// parameters, running statistics buffers. Settings say what the file does not:
/// `mean`, `std` and `preprocess` of the inputs (or INPUT.mean), and open sizes by
/// their names.
mlir::OwningOpRef<mlir::ModuleOp> readOnnx(llvm::StringRef bytes,
                                           llvm::StringRef name,
                                           mlir::MLIRContext &context,
                                           const ImportOptions &options = {});

} // namespace gradmill
