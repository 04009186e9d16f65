// Reads a graph from a file: the text of a net (docs/net-text.md), MLIR text,
// FlatBuffers (.gmg), JSON, or, if allowed, MLIR bytecode.
//
// Any bytes give either a graph (CheckGraph.h) or an error. MLIR text is
// checked before MLIR's parser sees it (MlirText.h). Nothing is read from a
// .gmg before FlatBuffers' verifier has walked it within fixed limits. No
// allocation is larger than a fixed multiple of the file. MLIR's bytecode
// reader is not part of this promise.
//
// Errors go through the context's diagnostic engine as "[label] ...". Labels:
// docs/file-format.md.
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
  /// Called for an unknown op that is carried along, with the plugin that the
  /// file names for it, so that a file written from the module can name it
  /// again.
  std::function<void(llvm::StringRef op, llvm::StringRef plugin)> carriedOp;
  /// The caller trusts the file, if it is bytecode.
  bool allowBytecode = false;
  /// Values for the settings of a net's text: {"dropout", "0.05"}.
  std::vector<std::pair<std::string, std::string>> settings = {};
};

/// Reads `path` ("-": standard input). The name's extension decides the format;
/// for standard input the first bytes do. Null after an error. The context's
/// dialects must know the ops: they should be nn, func and those of plugins,
/// nothing else. With allowUnregisteredDialects, ops of unknown dialects are
/// carried along unchanged. An op's location is the one in the file, or
/// "<path>:op#N".
mlir::OwningOpRef<mlir::ModuleOp>
importGraph(llvm::StringRef path, mlir::MLIRContext &context,
            const ImportOptions &options = {});

/// The readers of the formats, from memory. They accept everything that the
/// schema can express, which need not be a graph. `name` stands for the file in
/// messages.
mlir::OwningOpRef<mlir::ModuleOp> readGmg(llvm::StringRef bytes,
                                          llvm::StringRef name,
                                          mlir::MLIRContext &context,
                                          const ImportOptions &options = {});
mlir::OwningOpRef<mlir::ModuleOp> readJson(llvm::StringRef text,
                                           llvm::StringRef name,
                                           mlir::MLIRContext &context,
                                           const ImportOptions &options = {});

} // namespace gradmill
