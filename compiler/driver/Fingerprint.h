// Knowing a graph, and a compilation, again: by digests of what they consist
// of, never by names, sizes or dates of files.
#pragma once
#include "compiler/driver/Compile.h"

namespace gradmill {

/// What a graph says, as 64 hexadecimal digits: every op, attribute, type and
/// value of a constant, and which function is meant. Not part of it are the
/// file's format, comments, lines and the names of values. Checkpoints know
/// the graph that they belong to by it.
std::string graphFingerprint(mlir::ModuleOp module, llvm::StringRef entry);

/// All that decides the bytes of the artifact: the graph and the lines of its
/// ops (reports name them), the options, the target, plugins by content and
/// this compiler by content.
std::string compilationDigest(mlir::ModuleOp module,
                              const CompileOptions &options,
                              const Target &target);

/// Of some bytes, as 64 hexadecimal digits.
std::string contentDigest(llvm::StringRef bytes);

} // namespace gradmill
