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
#include <functional>

namespace gradmill {

class Registry;

struct ExportOptions {
  /// The plugin that brings an op, or "" for built-in ops. The file names it,
  /// so that a reader without the plugin can name it as well. Without this
  /// function, ops of an unregistered dialect belong to a plugin with the
  /// dialect's name.
  std::function<std::string(llvm::StringRef op)> pluginOf;
  /// The version of an op's definition; 1 for every op unless set.
  std::function<uint32_t(llvm::StringRef op)> versionOf;
  /// Keeps the places where ops were written. MLIR text then has loc(...) on
  /// every op.
  bool locations = true;
  /// Knows the forms of ops in ONNX. Without it no op has one.
  const Registry *registry = nullptr;
};

/// Writes `module` to `path` ("-": standard output) in `format`, or in the
/// format of the path's extension. The file appears whole, by a rename, or not
/// at all.
mlir::LogicalResult
exportGraph(mlir::ModuleOp module, llvm::StringRef path,
            std::optional<GraphFormat> format = std::nullopt,
            const ExportOptions &options = {});

/// The bytes of the file; none after an error.
std::optional<std::string> writeGraph(mlir::ModuleOp module, GraphFormat format,
                                      const ExportOptions &options = {});

} // namespace gradmill
