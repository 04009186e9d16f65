// gradmill plugin new: writes the files of cmake/package/templates.
#pragma once
#include "core/Error.h"
#include <array>
#include <span>
#include <string>

namespace gradmill::cli {

struct TemplateFile {
  const char *path; // in the plugin's folder, "test/numeric.mlir"
  const char *text;
};

struct PluginTemplate {
  const char *kind; // "op"
  std::span<const TemplateFile> files;
};

/// One for each kind, in their order. Generated.
std::span<const PluginTemplate> pluginTemplates();

struct NewPluginCommand {
  std::string kind, name; // "op", "soft_sign"
  std::string folder;     // empty: the name
};

/// Writes a folder with a new plugin. Errors: plugin_kind, plugin_name,
/// plugin_exists, plugin_folder.
rt::Status newPlugin(const NewPluginCommand &command);
/// "op, optimizer, ...": what newPlugin can make.
std::string pluginKinds();

} // namespace gradmill::cli
