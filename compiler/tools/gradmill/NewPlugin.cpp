// gradmill plugin new: a folder with a plugin that builds, and whose tests pass.
#include "NewPlugin.h"
#include "Session.h"
#include "compiler/Version.h"
#include "core/Nearest.h"
#include "files/Output.h"
#include "plugins/LoadPlugins.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill::cli {
namespace {

std::string registryName(StringRef kind, StringRef name) {
  StringRef prefix = kind == "op"                               ? "nn."
                     : kind == "importer" || kind == "exporter" ? "."
                                                                : "";
  return (prefix + name).str();
}

// The built-in names of a kind.
std::vector<std::string> takenNames(StringRef kind, const Registry &registry) {
  std::vector<std::string> names;
  auto addAll = [&](const auto &list) {
    for (const auto &entry : list)
      names.push_back(entry.name);
  };
  if (kind == "op")
    for (const Registry::OpEntry &entry : registry.registeredOps())
      names.push_back(entry.op);
  else if (kind == "optimizer")
    addAll(registry.optimizers());
  else if (kind == "loss")
    addAll(registry.losses());
  else if (kind == "metric")
    addAll(registry.metrics());
  else if (kind == "transform")
    addAll(registry.transforms());
  else if (kind == "rule")
    addAll(registry.adviceRules());
  else if (kind == "target")
    addAll(registry.targets());
  else if (kind == "section")
    addAll(registry.reportSections());
  else if (kind == "schedule")
    addAll(rt::scheduleEntries());
  else if (kind == "augmentation")
    addAll(rt::augmentationEntries());
  else if (kind == "data")
    addAll(rt::dataSourceEntries());
  else if (kind == "importer")
    for (const Importer &format : registry.importers())
      names.push_back(format.extension);
  else if (kind == "exporter")
    for (const Exporter &format : registry.exporters())
      names.push_back(format.extension);
  return names;
}

// "soft_sign" to "SoftSign".
std::string camel(StringRef name) {
  std::string text;
  bool capital = true;
  for (char c : name) {
    if (c != '_')
      text += capital ? llvm::toUpper(c) : c;
    capital = c == '_';
  }
  return text;
}

bool isName(StringRef name) {
  return !name.empty() && name.size() <= 60 && llvm::isLower(name.front()) &&
         !name.ends_with("_") && !name.contains("__") &&
         llvm::all_of(name, [](char c) {
           return llvm::isLower(c) || llvm::isDigit(c) || c == '_';
         });
}

void replace(std::string &text, StringRef from, StringRef to) {
  for (size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

rt::Result<const PluginTemplate *> findTemplate(const std::string &kind) {
  std::vector<std::string> known;
  for (const PluginTemplate &each : pluginTemplates()) {
    if (kind == each.kind)
      return &each;
    known.push_back(each.kind);
  }
  std::string best = rt::nearest(kind, known);
  return rt::Error{rt::kUsage, "plugin_kind",
                   "there is no kind of plugin \"" + kind + "\"; " +
                       (best.empty() ? "" : "did you mean " + best + "? ") +
                       "there are: " + llvm::join(known, ", ")};
}

rt::Status checkName(const std::string &kind, const std::string &name) {
  if (!isName(name))
    return rt::Error{rt::kUsage, "plugin_name",
                     "\"" + name +
                         "\" is no name of a plugin; write it as soft_sign: "
                         "lower-case letters, digits and single underscores"};
  Session session;
  if (auto error = session.start({}))
    return error;
  std::string own = registryName(kind, name);
  for (const std::string &taken : takenNames(kind, session.registry()))
    if (taken == own)
      return rt::Error{rt::kUsage, "plugin_name",
                       "there is a built-in " + kind + " \"" + own +
                           "\"; give the plugin another name"};
  return rt::ok;
}

rt::Status makeFolder(const std::string &folder) {
  if (llvm::sys::fs::exists(folder))
    return rt::Error{rt::kUsage, "plugin_exists",
                     folder + " exists already, and is left as it is; name "
                              "another folder with -o"};
  if (std::error_code error = llvm::sys::fs::create_directories(folder + "/test"))
    return rt::Error{rt::kIo, "plugin_folder", folder + ": " + error.message()};
  return rt::ok;
}

// Where find_package finds this gradmill: PREFIX of PREFIX/bin/gradmill.
std::string prefix() {
  std::string program = llvm::sys::fs::getMainExecutable(nullptr, nullptr);
  return llvm::sys::path::parent_path(llvm::sys::path::parent_path(program)).str();
}
} // namespace

std::string pluginKinds() {
  std::string text;
  for (const PluginTemplate &each : pluginTemplates())
    text += (text.empty() ? "" : ", ") + std::string(each.kind);
  return text;
}

rt::Status newPlugin(const NewPluginCommand &c) {
  auto found = findTemplate(c.kind);
  if (!found)
    return found.error();
  if (auto error = checkName(c.kind, c.name))
    return error;
  std::string folder = c.folder.empty() ? c.name : c.folder;
  if (auto error = makeFolder(folder))
    return error;
  StringRef version = GRADMILL_VERSION;
  std::string name = camel(c.name);
  for (const TemplateFile &file : (*found)->files) {
    std::string path = file.path, text = file.text;
    replace(path, "Name", name);
    replace(text, "@name@", c.name);
    replace(text, "@Name@", name);
    replace(text, "@kind@", c.kind);
    replace(text, "@article@", StringRef("aeio").contains(c.kind[0]) ? "an" : "a");
    replace(text, "@version@", version.rsplit('.').first);
    if (auto error = rt::writeFile(folder + "/" + path, {text}))
      return error;
  }
  llvm::outs() << "wrote " << folder << "/: a plugin with the " << c.kind << " "
               << registryName(c.kind, c.name)
               << "\n\nBuild it and run its tests:\n  cmake -S " << folder << " -B "
               << folder << "/build -DCMAKE_PREFIX_PATH=" << prefix()
               << "\n  cmake --build " << folder << "/build\n  ctest --test-dir "
               << folder << "/build --output-on-failure\n";
  return flushOutput();
}

} // namespace gradmill::cli
