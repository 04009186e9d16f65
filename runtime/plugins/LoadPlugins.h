// The host of plugins of training (gradmill/plugin.h): their schedules,
// augmentations and data sources join the built-in tables.
#pragma once

#include "core/Error.h"

#include <string>
#include <vector>

namespace gradmill::rt {

struct RuntimePlugin {
  std::string name, version, path;
};

// Something that can be named, and where it comes from; `origin` is null for what
// is built in.
struct RuntimeEntry {
  std::string name, doc;
  const RuntimePlugin *origin = nullptr;
};

// Loads what a shared object has for training; one that has nothing (a plugin for
// the compiler alone) is left to the compiler. Errors: plugin_missing,
// plugin_load, plugin_mismatch, plugin_twice, plugin_name, plugin_register.
Status loadRuntimePlugin(const std::string &path);

// Those that were loaded.
std::vector<RuntimePlugin> runtimePlugins();

// What there is, built in and of plugins.
std::vector<RuntimeEntry> scheduleEntries();
std::vector<RuntimeEntry> augmentationEntries();
std::vector<RuntimeEntry> dataSourceEntries();

} // namespace gradmill::rt
