// Reads a graph from a file: the text of a net (docs/net-text.md), MLIR text,
// FlatBuffers (.gmg), JSON, ONNX, if allowed MLIR bytecode, or what a plugin reads.
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
#include "nn/Formats.h"
#include "nn/Registry.h"

namespace gradmill {

/// Registers the built-in readers.
void registerImporters(Registry &registry);

/// Reads `path` ("-": standard input) by an importer of the registry behind the
/// context's nn dialect. The name's extension decides the format; for standard
/// input the first bytes do. Null after an error. The context's
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
