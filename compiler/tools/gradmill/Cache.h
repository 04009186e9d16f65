// Compiled graphs that need not be compiled again.
#pragma once
#include "Backend.h"
#include "llvm/ADT/StringRef.h"

namespace gradmill::cli {

/// The library kept for a compilation, if there is one and it is intact: what
/// was cut short or damaged counts as absent. `digest` is of all that decides
/// its bytes (compilationDigest), `name` the model's.
std::optional<std::string> findCached(llvm::StringRef name,
                                      llvm::StringRef digest);

/// Keeps the library in the file `built`, which is taken away, and returns its
/// place. Without a cache folder (neither XDG_CACHE_HOME nor HOME) it stays
/// where it is, and goes with the returned object. Errors: cache_unwritable.
rt::Result<CompiledLibrary> keepInCache(llvm::StringRef name,
                                        llvm::StringRef digest,
                                        CompiledLibrary built);

} // namespace gradmill::cli
