// A net's text to the nn dialect: docs/net-text.md.
#pragma once

#include "compiler/import/Import.h"

namespace gradmill {

/// Errors: net_*, layer_argument, and those of the ops, at the line of the
/// text; in a block, with a note for each use of one on the way there. A use
/// is a CallSiteLoc. Any text gives a module or an error.
mlir::OwningOpRef<mlir::ModuleOp> readNet(llvm::StringRef text,
                                          llvm::StringRef name,
                                          mlir::MLIRContext &context,
                                          const ImportOptions &options = {});

/// Whether a text reads the name as a layer (an op of nn, or a block that every
/// net may use) or as a word of expressions. No value can have such a name.
bool isLayerName(llvm::StringRef name, mlir::MLIRContext *context);

} // namespace gradmill
