// What plugins register, as the runtime's own tables have it.
#pragma once

#include "gradmill/plugin.h"
#include "plugins/LoadPlugins.h"

namespace gradmill::rt {

// Adds everything to the tables. requires: names that are not taken, functions
// that are there.
void adopt(plugin::Registry registry, const RuntimePlugin *origin);

} // namespace gradmill::rt
