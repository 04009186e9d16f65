// The first step of every compiler tool: registers the built-in families and
// the plugins on the command line, through the same function.
#pragma once
#include "compiler/plugin/Host.h"

namespace gradmill {

/// Registers the built-in families; families built as modules are loaded from
/// the library folder of this program.
llvm::Error registerBuiltins(Host &host);

/// Takes `--plugin=FILE` and `--plugin FILE` out of the arguments and loads
/// them.
llvm::Error loadPlugins(Host &host, std::vector<const char *> &arguments);

} // namespace gradmill
