// Writes a graph to a file: MLIR text or bytecode, FlatBuffers (.gmg), or JSON.
//
// The same module gives the same bytes. A .gmg or JSON keeps every attribute,
// weight and location (file, line, column, name) bit for bit.
//
// Errors go through the context's diagnostic engine as "[label] ...", at the op
// that they are about. Labels: graph_io (the file cannot be written; the old
// one is untouched), graph_format, gmg_too_large, gmg_json, onnx_*
// (onnx/WriteOnnx.h), and gmg_unsupported
// (a graph file has no form for it: an op with regions, a function of several
// blocks, a value that is not a tensor of f32, f64, i32 or i64, an attribute
// outside of the schema).
#pragma once

#include "compiler/import/Format.h"
#include "mlir/IR/BuiltinOps.h"
#include "nn/Formats.h"
#include "nn/Registry.h"

namespace gradmill {

/// Registers the built-in writers.
void registerExporters(Registry &registry);

/// Writes `module` to `path` ("-": standard output) in the format of an extension
/// (".mlir"), or of the path's own. The file appears whole, by a rename, or not at
/// all.
mlir::LogicalResult exportGraph(mlir::ModuleOp module, llvm::StringRef path,
                                llvm::StringRef extension = "",
                                const ExportOptions &options = {});

/// The bytes of the file; none after an error.
std::optional<std::string> writeGraph(mlir::ModuleOp module,
                                      llvm::StringRef extension,
                                      const ExportOptions &options = {});

} // namespace gradmill
