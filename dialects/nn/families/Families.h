// The built-in families.
#pragma once
#include "nn/Registry.h"

namespace gradmill {
/// Registers the families that are linked in. Names of families that were built
/// as modules (GRADMILL_SHARED_FAMILIES) are added to `plugins`, to be loaded.
void registerBuiltinFamilies(Registry &registry,
                             std::vector<std::string> &plugins);
} // namespace gradmill
