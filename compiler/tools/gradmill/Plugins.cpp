// gradmill plugins: what is registered, and by which plugins.
#include "Backend.h"
#include "Session.h"
#include "compiler/autodiff/Spec.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill::cli {

template <typename Kind>
static llvm::json::Array namesOf(ArrayRef<Kind> list) {
  llvm::json::Array names;
  for (const Kind &kind : list)
    names.push_back(kind.name);
  return names;
}

template <typename Kind>
static void listWithOptions(StringRef title, ArrayRef<Kind> list) {
  llvm::outs() << "\n" << title << "\n";
  for (const Kind &kind : list) {
    llvm::outs() << "  " << llvm::left_justify(kind.name, 15) << " " << kind.doc
                 << "\n";
    for (const Option &option : kind.options) {
      llvm::outs() << "    " << llvm::left_justify(option.name, 15) << " "
                   << option.doc;
      if (!option.isList)
        llvm::outs() << " (default " << numberText(option.defaultValue) << ")";
      llvm::outs() << "\n";
    }
  }
}

static llvm::json::Array pluginsJson(Session &session) {
  llvm::json::Array plugins;
  for (const LoadedPlugin &plugin : session.host().plugins())
    plugins.push_back(
        llvm::json::Object{{"name", plugin.name},
                           {"version", plugin.version},
                           {"path", llvm::json::fixUTF8(plugin.path)}});
  return plugins;
}

rt::Status listPlugins(const std::vector<std::string> &plugins, bool json) {
  Session session;
  if (auto error = session.start(plugins))
    return error;
  const Registry &registry = session.registry();
  llvm::json::Object families;
  for (const Registry::OpEntry &entry : registry.registeredOps()) {
    if (!families.getArray(entry.family))
      families[entry.family] = llvm::json::Array();
    families.getArray(entry.family)->push_back(entry.op);
  }
  if (json) {
    llvm::outs() << llvm::formatv(
        "{0:2}\n",
        llvm::json::Value(llvm::json::Object{
            {"families", std::move(families)},
            {"optimizers", namesOf(registry.optimizers())},
            {"transforms", namesOf(registry.transforms())},
            {"losses", namesOf(registry.losses())},
            {"metrics", namesOf(registry.metrics())},
            {"passes", namesOf(registry.passes())},
            {"advice", namesOf(registry.adviceRules())},
            {"plugins", pluginsJson(session)}}));
    return flushOutput();
  }
  std::string last;
  for (const Registry::OpEntry &entry : registry.registeredOps()) {
    if (entry.family != last)
      llvm::outs() << (last.empty() ? "" : "\n")
                   << llvm::left_justify(entry.family, 12);
    last = entry.family;
    llvm::outs() << " " << entry.op;
  }
  llvm::outs() << "\n";
  listWithOptions("optimizers", registry.optimizers());
  listWithOptions("transforms", registry.transforms());
  listWithOptions("losses", registry.losses());
  listWithOptions("metrics", registry.metrics());
  if (!registry.passes().empty())
    llvm::outs() << "\npasses\n";
  for (const StagePass &pass : registry.passes())
    llvm::outs() << "  " << llvm::left_justify(pass.name, 15)
                 << " after the stage " << stageName(pass.stage) << "\n";
  llvm::outs() << "\nadvice\n";
  for (const AdviceRule &rule : registry.adviceRules())
    llvm::outs() << "  " << llvm::left_justify(rule.name, 15) << " " << rule.doc
                 << "\n";
  for (const LoadedPlugin &plugin : session.host().plugins())
    llvm::outs() << "\nplugin " << plugin.name << " " << plugin.version
                 << " from " << plugin.path << "\n";
  return flushOutput();
}

} // namespace gradmill::cli
