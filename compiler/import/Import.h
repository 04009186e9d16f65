// Reads a graph from a file: MLIR text or bytecode, FlatBuffers (.gmg), or
// JSON.
//
// Any bytes give either a module that verifies or an error: nothing is read
// from a .gmg before FlatBuffers' verifier has walked it within fixed limits,
// and no allocation is larger than a fixed multiple of the file.
//
// Errors go through the context's diagnostic engine as "[label] file: what is
// wrong". Labels: graph_io (the file cannot be read), graph_format (not a graph
// file), gmg_truncated, gmg_corrupt (not a well-formed FlatBuffer), gmg_version
// (newer than this program), gmg_too_large, gmg_json (not JSON, or not of the
// schema), gmg_value, gmg_type, gmg_attribute, gmg_buffer, gmg_name,
// gmg_op_version, gmg_unknown_op, gmg_regions, gmg_invalid (an op's own rules;
// its error precedes).
#pragma once

#include "compiler/import/Format.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <functional>

namespace gradmill {

struct ImportOptions {
  /// The newest version of an op that this program knows; a file with a newer
  /// one is refused. 1 for every op unless set.
  std::function<uint32_t(llvm::StringRef op)> newestVersion;
  /// Told of an unknown op that is carried along, and the plugin that the file
  /// names for it, so that a file written from the module can name it again.
  std::function<void(llvm::StringRef op, llvm::StringRef plugin)> carriedOp;
};

/// Reads `path` ("-": standard input). The first bytes decide the format, else
/// the extension does. Null after an error. Ops must be known to the context's
/// dialects; with allowUnregisteredDialects, ops of unknown dialects are
/// carried along as they are. An op's location is the one in the file, or
/// "<path>:op#N".
mlir::OwningOpRef<mlir::ModuleOp>
importGraph(llvm::StringRef path, mlir::MLIRContext &context,
            const ImportOptions &options = {});

/// The same from memory. `name` stands for the file in messages.
mlir::OwningOpRef<mlir::ModuleOp> importGmg(llvm::StringRef bytes,
                                            llvm::StringRef name,
                                            mlir::MLIRContext &context,
                                            const ImportOptions &options = {});
mlir::OwningOpRef<mlir::ModuleOp> importJson(llvm::StringRef text,
                                             llvm::StringRef name,
                                             mlir::MLIRContext &context,
                                             const ImportOptions &options = {});

} // namespace gradmill
