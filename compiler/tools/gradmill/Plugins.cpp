// gradmill plugins: what is registered, where it comes from, in which version.
#include "Backend.h"
#include "Session.h"
#include "compiler/Version.h"
#include "compiler/autodiff/Spec.h"
#include "plugins/LoadPlugins.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill::cli {

namespace {

template <typename Kind> llvm::json::Array namesOf(ArrayRef<Kind> list) {
  llvm::json::Array names;
  for (const Kind &kind : list)
    names.push_back(kind.name);
  return names;
}

// One thing that can be named.
struct Row {
  std::string kind, name, doc;
  std::string origin, version; // a plugin's; "gradmill" of what is built in
  ArrayRef<Option> options = {};
};

class Listing {
public:
  explicit Listing(Session &session, bool withOps) : session(session) {
    const Registry &r = session.registry();
    if (withOps)
      for (const Registry::OpEntry &entry : r.registeredOps())
        add("op", entry.op, "of the family " + entry.family);
    addWithOptions("optimizer", r.optimizers());
    addWithOptions("transform", r.transforms());
    addWithOptions("loss", r.losses());
    addWithOptions("metric", r.metrics());
    for (const StagePass &pass : r.passes())
      add("pass", pass.name,
          "after the stage " + stageName(pass.stage).str() +
              (pass.doc.empty() ? "" : ": " + pass.doc),
          pass.options);
    addAll("rule", r.adviceRules());
    addAll("target", r.targets());
    for (const Importer &format : r.importers())
      add("importer", format.extension, format.name);
    for (const Exporter &format : r.exporters())
      add("exporter", format.extension, format.name);
    addAll("report section", r.reportSections());
    addLayers();
    addEntries("schedule", rt::scheduleEntries());
    addEntries("augmentation", rt::augmentationEntries());
    addEntries("data source", rt::dataSourceEntries());
  }

  std::vector<Row> rows;

private:
  void add(StringRef kind, StringRef name, StringRef doc,
           ArrayRef<Option> options = {}) {
    std::string origin = session.registry().originOf(kind, name).str();
    rows.push_back({kind.str(), name.str(), doc.str(), "gradmill",
                    GRADMILL_VERSION, options});
    for (const LoadedPlugin &plugin : session.host().plugins())
      if (plugin.name == origin) {
        rows.back().origin = plugin.name;
        rows.back().version = plugin.version;
      }
  }
  template <typename List> void addAll(StringRef kind, const List &list) {
    for (const auto &each : list)
      add(kind, each.name, each.doc);
  }
  template <typename List> void addWithOptions(StringRef kind, const List &list) {
    for (const auto &each : list)
      add(kind, each.name, each.doc, each.options);
  }
  // The ops that a net's text may have as layers.
  void addLayers() {
    session.context().getOrLoadDialect<nn::NNDialect>();
    for (const Registry::OpEntry &entry : session.registry().registeredOps())
      if (auto op = RegisteredOperationName::lookup(entry.op, &session.context());
          op && op->hasInterface<nn::LayerInterface>()) {
        add("op", entry.op, entry.family);
        rows.back().kind = "layer";
      }
  }
  void addEntries(StringRef kind, const std::vector<rt::RuntimeEntry> &entries) {
    for (const rt::RuntimeEntry &entry : entries)
      rows.push_back({kind.str(), entry.name, entry.doc,
                      entry.origin ? entry.origin->name : "gradmill",
                      entry.origin ? entry.origin->version : GRADMILL_VERSION});
  }

  Session &session;
};

llvm::json::Array pluginsJson(Session &session) {
  llvm::json::Array plugins;
  for (const LoadedPlugin &plugin : session.host().plugins())
    plugins.push_back(
        llvm::json::Object{{"name", plugin.name},
                           {"version", plugin.version},
                           {"path", llvm::json::fixUTF8(plugin.path)}});
  return plugins;
}

llvm::json::Array rowsJson(const Listing &listing) {
  llvm::json::Array all;
  for (const Row &row : listing.rows)
    all.push_back(llvm::json::Object{{"kind", row.kind},
                                     {"name", row.name},
                                     {"text", row.doc},
                                     {"origin", row.origin},
                                     {"version", row.version}});
  return all;
}

void printJson(Session &session) {
  const Registry &registry = session.registry();
  llvm::json::Object families;
  for (const Registry::OpEntry &entry : registry.registeredOps()) {
    if (!families.getArray(entry.family))
      families[entry.family] = llvm::json::Array();
    families.getArray(entry.family)->push_back(entry.op);
  }
  llvm::outs() << llvm::formatv(
      "{0:2}\n", llvm::json::Value(llvm::json::Object{
                     {"families", std::move(families)},
                     {"optimizers", namesOf(registry.optimizers())},
                     {"transforms", namesOf(registry.transforms())},
                     {"losses", namesOf(registry.losses())},
                     {"metrics", namesOf(registry.metrics())},
                     {"passes", namesOf(registry.passes())},
                     {"advice", namesOf(registry.adviceRules())},
                     {"all", rowsJson(Listing(session, /*withOps=*/true))},
                     {"plugins", pluginsJson(session)}}));
}

void printOps(const Registry &registry) {
  std::string last;
  for (const Registry::OpEntry &entry : registry.registeredOps()) {
    if (entry.family != last)
      llvm::outs() << (last.empty() ? "" : "\n")
                   << llvm::left_justify(entry.family, 12);
    last = entry.family;
    llvm::outs() << " " << entry.op;
  }
  llvm::outs() << "\n";
}

StringRef pluralOf(StringRef kind) {
  return llvm::StringSwitch<StringRef>(kind)
      .Case("loss", "losses")
      .Case("pass", "passes")
      .Case("rule", "advice")
      .Default("");
}

void printRows(const Listing &listing) {
  std::string last;
  for (const Row &row : listing.rows) {
    if (row.kind != last) {
      StringRef plural = pluralOf(row.kind);
      llvm::outs() << "\n"
                   << (plural.empty() ? row.kind + "s" : plural.str()) << "\n";
    }
    last = row.kind;
    std::string text = row.doc;
    if (row.origin != "gradmill")
      text += (text.empty() ? "(" : " (") + row.origin + " " + row.version + ")";
    llvm::outs() << "  ";
    if (text.empty())
      llvm::outs() << row.name << "\n";
    else
      llvm::outs() << llvm::left_justify(row.name, 15) << " " << text << "\n";
    for (const Option &option : row.options) {
      llvm::outs() << "    " << llvm::left_justify(option.name, 15) << " "
                   << option.doc;
      if (!option.isList)
        llvm::outs() << " (default " << numberText(option.defaultValue) << ")";
      llvm::outs() << "\n";
    }
  }
}
} // namespace

rt::Status listPlugins(const std::vector<std::string> &plugins, bool json) {
  Session session;
  if (auto error = session.start(plugins))
    return error;
  if (json) {
    printJson(session);
    return flushOutput();
  }
  printOps(session.registry());
  printRows(Listing(session, /*withOps=*/false));
  llvm::outs() << "\nEverything is of gradmill " GRADMILL_VERSION
                  ", unless a plugin stands behind it.\n";
  for (const LoadedPlugin &plugin : session.host().plugins())
    llvm::outs() << "\nplugin " << plugin.name << " " << plugin.version
                 << " from " << plugin.path << "\n";
  for (const rt::RuntimePlugin &plugin : rt::runtimePlugins())
    llvm::outs() << "\nplugin " << plugin.name << " " << plugin.version
                 << " for training, from " << plugin.path << "\n";
  return flushOutput();
}

} // namespace gradmill::cli
