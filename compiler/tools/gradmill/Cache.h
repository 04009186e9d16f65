// Compiled graphs that need not be compiled again.
#pragma once
#include "Session.h"

namespace gradmill::cli {

/// Where the artifact of this graph with these options is, or belongs: a file
/// named by a digest of everything that code generation sees (graph, options,
/// target, plugins, compiler). The folder is created. Errors: cache_unwritable.
rt::Result<std::string> cachedArtifact(const std::string &cacheDir,
                                       mlir::ModuleOp module,
                                       const CompileOptions &options,
                                       const Target &target,
                                       const std::vector<std::string> &plugins);

} // namespace gradmill::cli
