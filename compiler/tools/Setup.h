// The first step of every compiler tool: registers the built-in families and
// the plugins on the command line, through the same function.
#pragma once
#include "compiler/plugin/Host.h"

namespace gradmill {

/// Registers the built-in families; families built as modules are loaded from
/// the library folder of this program.
llvm::Error registerBuiltins(Host &host);

/// Registers the built-in families, then takes `--plugin=FILE` and `--plugin
/// FILE` out of the arguments and loads them.
llvm::Error setUp(Host &host, std::vector<const char *> &arguments);

} // namespace gradmill
