// Calls a plugin's code, which may throw: the rest of the compiler is built
// without exceptions.
#pragma once
#include "nn/Registry.h"

namespace gradmill {

/// Registers what the plugin brings. Returns what went wrong, or "".
std::string callPlugin(Registry &registry, const PluginInfo &info);

} // namespace gradmill
