// A cache of compiled graphs.
#pragma once
#include "Backend.h"
#include "llvm/ADT/StringRef.h"

namespace gradmill::cli {

/// The cached library of a compilation, if there is an intact one: a truncated
/// or damaged one counts as absent. `digest` covers everything that decides its
/// bytes (compilationDigest); `name` is the model's.
std::optional<std::string> findCached(llvm::StringRef name,
                                      llvm::StringRef digest);

/// Moves the library in the file `built` into the cache, and returns its place.
/// Without a cache folder (neither XDG_CACHE_HOME nor HOME) it stays where it
/// is, and is removed with the returned object. Errors: cache_unwritable.
rt::Result<CompiledLibrary> keepInCache(llvm::StringRef name,
                                        llvm::StringRef digest,
                                        CompiledLibrary built);

} // namespace gradmill::cli
