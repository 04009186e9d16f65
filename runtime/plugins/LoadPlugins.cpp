#include "plugins/LoadPlugins.h"

#include "core/Text.h"
#include "files/SharedObject.h"
#include "gradmill/plugin.h"
#include "plugins/Adapters.h"

#include <cstring>
#include <deque>
#include <dlfcn.h>
#include <exception>
#include <sys/stat.h>

namespace gradmill::rt {
namespace {

struct Loaded : RuntimePlugin {
  const plugin::Info *info = nullptr;
  ino_t inode = 0;
  dev_t device = 0;
};

// Pointers to them stay valid.
std::deque<Loaded> &plugins() {
  static std::deque<Loaded> all;
  return all;
}

Error wrong(const char *code, const std::string &path, Pieces cause) {
  return makeError(kBadInput, code, {path, ": ", join(cause)});
}

Status checkInfo(const plugin::Info &info, const std::string &path) {
  auto mismatch = [&](const char *what, Piece theirs, Piece ours) {
    return wrong("plugin_mismatch", path,
                 {"built for ", what, " ", theirs, ", this is ", ours,
                  "; build the plugin again against this version"});
  };
  if (info.structSize != sizeof(plugin::Info))
    return mismatch("a plugin entry of size", info.structSize,
                    sizeof(plugin::Info));
  if (info.apiVersion != plugin::kRuntimePluginApi)
    return mismatch("the plugin API of training", info.apiVersion,
                    plugin::kRuntimePluginApi);
  if (info.registrySize != sizeof(plugin::Registry))
    return mismatch("a registry of size", info.registrySize,
                    sizeof(plugin::Registry));
  if (std::strcmp(info.cxxLibrary, GRADMILL_CXX_LIBRARY) != 0)
    return mismatch("the C++ library", info.cxxLibrary, GRADMILL_CXX_LIBRARY);
  return ok;
}

// A plugin's code may throw; what is wrong, or "".
std::string callPlugin(const plugin::Info &info, plugin::Registry &registry) {
  try {
    info.registerFn(registry);
  } catch (const std::exception &e) {
    return join({"it threw an exception: ", e.what()});
  } catch (...) {
    return "it threw an exception";
  }
  return {};
}

bool isTaken(const std::vector<RuntimeEntry> &entries, const std::string &name) {
  for (const RuntimeEntry &entry : entries)
    if (entry.name == name)
      return true;
  return false;
}

// Names stand in options, where signs have a meaning.
template <typename List>
std::string nameProblem(const char *kind, const List &list,
                        std::vector<RuntimeEntry> entries) {
  for (const auto &each : list) {
    if (each.name.empty() ||
        each.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
            std::string::npos)
      return join({"the ", kind, " \"", each.name,
                   "\" has no name of letters, digits, _ and -"});
    if (isTaken(entries, each.name))
      return join({"the ", kind, " \"", each.name,
                   "\" exists already; give it another name"});
    entries.push_back({each.name, "", nullptr});
  }
  return {};
}

template <typename Function, typename List>
std::string functionProblem(const char *kind, const List &list,
                            Function function) {
  for (const auto &each : list)
    if (!(each.*function))
      return join({"the ", kind, " \"", each.name, "\" has no function"});
  return {};
}

std::string problemOf(const plugin::Registry &r) {
  for (const std::string &problem :
       {nameProblem("schedule", r.schedules, scheduleEntries()),
        nameProblem("augmentation", r.augmentations, augmentationEntries()),
        nameProblem("data source", r.dataSources, dataSourceEntries()),
        functionProblem("schedule", r.schedules, &plugin::Schedule::rate),
        functionProblem("augmentation", r.augmentations,
                        &plugin::Augmentation::change),
        functionProblem("data source", r.dataSources, &plugin::DataSource::open)})
    if (!problem.empty())
      return problem;
  return {};
}

Status checkNew(const Loaded &plugin) {
  for (const Loaded &other : plugins()) {
    if (other.inode == plugin.inode && other.device == plugin.device)
      return wrong("plugin_twice", plugin.path,
                   {"the plugin \"", plugin.name, "\" is loaded already, from ",
                    other.path, "; name it once"});
    if (other.name == plugin.name)
      return wrong("plugin_name", plugin.path,
                   {"a plugin \"", plugin.name, "\" is loaded already, from ",
                    other.path, "; a plugin's name is what "
                                "GRADMILL_RUNTIME_PLUGIN says"});
  }
  return ok;
}

// The entry of a shared object; null if it has none. Never unloaded, because
// what it registers points into it.
Result<const plugin::Info *> openPlugin(const std::string &path) {
  if (std::string problem = sharedObjectProblem(path); !problem.empty())
    return wrong("plugin_load", path, {problem});
  // Without a slash in the name, dlopen would search the system's folders.
  std::string file = path.find('/') == path.npos ? "./" + path : path;
  void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    std::string reason = dlerror();
    bool isOther = reason.find("undefined symbol") != reason.npos;
    return wrong("plugin_load", path,
                 {reason, isOther ? "; if it was built for another gradmill, build "
                                    "it again against this version"
                                  : ""});
  }
  auto entry = reinterpret_cast<const plugin::Info *(*)()>(
      dlsym(library, GRADMILL_RUNTIME_PLUGIN_ENTRY));
  return entry ? entry() : nullptr;
}

} // namespace

std::vector<RuntimePlugin> runtimePlugins() {
  return {plugins().begin(), plugins().end()};
}

Status loadRuntimePlugin(const std::string &path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0)
    return wrong("plugin_missing", path, {"no such file"});
  auto info = openPlugin(path);
  if (!info)
    return info.error();
  if (!*info)
    return ok;
  if (Status error = checkInfo(**info, path))
    return error;
  Loaded plugin;
  plugin.name = (*info)->name, plugin.version = (*info)->version;
  plugin.path = path, plugin.info = *info;
  plugin.inode = status.st_ino, plugin.device = status.st_dev;
  if (Status error = checkNew(plugin))
    return error;
  plugin::Registry registry;
  std::string problem = callPlugin(**info, registry);
  if (problem.empty())
    problem = problemOf(registry);
  if (!problem.empty())
    return wrong("plugin_register", path,
                 {"the plugin \"", plugin.name, "\" cannot be used: ", problem});
  plugins().push_back(std::move(plugin));
  adopt(std::move(registry), &plugins().back());
  return ok;
}

} // namespace gradmill::rt
