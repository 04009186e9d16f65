// A file that appears whole or not at all.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace gradmill {

/// Writes to a temporary file beside `path`, flushes it to disk and renames it.
/// Through a symbolic link the file it points to is replaced; a device or pipe
/// is written directly.
llvm::Error writeAtomically(llvm::StringRef path, llvm::StringRef bytes);

} // namespace gradmill
