// What docs/dialect.md says of each op, for editors.
#pragma once
#include "llvm/ADT/StringRef.h"

namespace gradmill::lsp {

/// The text of docs/dialect.md.
extern const char *const kDialectPage;

/// An op's description, as Markdown, without its syntax in MLIR and the tables
/// of its C++ types; "" for an op of a plugin. `op`: "nn.conv2d".
llvm::StringRef describeOp(llvm::StringRef op);

} // namespace gradmill::lsp
