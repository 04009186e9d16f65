// Identifies a graph, and a compilation, by digests of their contents, never by
// names, sizes or dates of files.
#pragma once
#include "compiler/driver/Compile.h"

namespace gradmill {

/// A digest of a graph, 64 hexadecimal digits: every op, attribute, type and
/// value of a constant, and the name of the function. The file's format,
/// comments, lines and the names of values do not matter. A checkpoint stores
/// the digest of its graph.
std::string graphFingerprint(mlir::ModuleOp module, llvm::StringRef entry);

/// A digest of everything that decides the bytes of the artifact: the graph and
/// the lines of its ops (reports print them), the options, the target, and the
/// contents of plugins and of this compiler.
std::string compilationDigest(mlir::ModuleOp module,
                              const CompileOptions &options,
                              const Target &target);

/// Of this program and every library in it.
std::string programDigest();

/// Of some bytes, as 64 hexadecimal digits.
std::string contentDigest(llvm::StringRef bytes);

} // namespace gradmill
