#include "Session.h"
#include "Reproducer.h"
#include "compiler/autodiff/Spec.h"
#include "compiler/import/Import.h"
#include "compiler/tools/Setup.h"
#include "mlir/IR/Diagnostics.h"
#include "report/Terminal.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill::cli {
namespace {

// "file:line:col: error[label]: message", notes indented. The label leads the
// text of our own diagnostics as "[label] ".
void printDiagnostic(const Diagnostic &diagnostic, StringRef severity) {
  Location loc = plainLocation(diagnostic.getLocation());
  std::string where;
  if (auto name = dyn_cast<NameLoc>(loc)) {
    where = name.getName().str() + ": ";
    loc = name.getChildLoc();
  }
  if (auto place = dyn_cast<FileLineColLoc>(loc)) {
    where = place.getFilename().str() + ": "; // line 0: the file as a whole
    if (place.getLine() > 0)
      where.insert(where.size() - 1, std::to_string(place.getLine()) + ":" +
                                         std::to_string(place.getColumn()) +
                                         ":");
  }
  std::string text = diagnostic.str(), label;
  StringRef message = text;
  if (message.consume_front("[")) {
    auto [inside, rest] = message.split(']');
    label = "[" + inside.str() + "]";
    if (severity == "error")
      noteFault(inside);
    message = rest.ltrim();
  }
  message.consume_front(where); // some messages name their file themselves
  // What it says may come from a file.
  llvm::errs() << rt::printable(where + severity.str() + label + ": " +
                                message.str())
               << "\n";
}

LogicalResult print(Diagnostic &diagnostic) {
  switch (diagnostic.getSeverity()) {
  case DiagnosticSeverity::Error:
    printDiagnostic(diagnostic, "error");
    break;
  case DiagnosticSeverity::Warning:
    printDiagnostic(diagnostic, "warning");
    break;
  default:
    printDiagnostic(diagnostic, "note");
  }
  for (Diagnostic &note : diagnostic.getNotes())
    if (!StringRef(note.str())
             .starts_with("see current operation")) // an IR dump
      printDiagnostic(note, "  note");
  return success();
}
} // namespace

rt::Error alreadyReported(rt::ExitCode exit) { return {exit, "", ""}; }

rt::Error toError(llvm::Error error, rt::ExitCode exit) {
  std::string text = llvm::toString(std::move(error));
  StringRef message = text;
  std::string code;
  if (message.consume_front("[")) {
    auto [inside, rest] = message.split(']');
    code = inside.str();
    message = rest.ltrim();
  }
  if (code == "internal")
    return {rt::kInternal, code, message.str() + kBugHint};
  return {exit, code, message.str()};
}

rt::Status Session::start(const std::vector<std::string> &plugins, bool quiet) {
  pluginHost = std::make_unique<Host>();
  if (llvm::Error error = registerBuiltins(*pluginHost))
    return toError(std::move(error), rt::kInternal);
  for (const std::string &plugin : plugins)
    if (llvm::Error error = pluginHost->load(plugin))
      return toError(std::move(error), rt::kBadInput);
  mlirContext = std::make_unique<MLIRContext>(pluginHost->dialects(),
                                              MLIRContext::Threading::DISABLED);
  mlirContext->printOpOnDiagnostic(false);
  handler = std::make_unique<ScopedDiagnosticHandler>(
      mlirContext.get(), [quiet](Diagnostic &diagnostic) {
        return quiet ? success() : print(diagnostic);
      });
  return rt::ok;
}

rt::Result<OwningOpRef<ModuleOp>>
Session::load(const std::string &path, bool allowBytecode, bool allowUnknown,
              const std::vector<std::string> &settings) {
  mlirContext->allowUnregisteredDialects(allowUnknown);
  if (allowUnknown)
    mlirContext->getOrLoadDialect<nn::NNDialect>()->carryUnknownOps();
  ImportOptions options;
  options.allowBytecode = allowBytecode;
  for (const std::string &setting : settings) {
    auto [name, value] = StringRef(setting).split('=');
    options.settings.push_back({name.str(), value.str()});
  }
  options.carriedOp = [&](StringRef op, StringRef plugin) {
    carried[op] = plugin.str();
  };
  OwningOpRef<ModuleOp> module = importGraph(path, *mlirContext, options);
  if (!module)
    return alreadyReported(rt::kBadInput);
  // From here on the IR is our own.
  mlirContext->appendDialectRegistry(Host::compilerDialects());
  return module;
}

rt::Status flushOutput() {
  llvm::outs().flush();
  if (!llvm::outs().has_error())
    return rt::ok;
  std::string reason = llvm::outs().error().message();
  llvm::outs().clear_error();
  return rt::Error{rt::kIo, "write_failed", "standard output: " + reason};
}

// --transform in its order, then what clips: a single large element does not
// shrink all others where both are given.
static std::string transformsOf(const GraphOptions &o) {
  std::vector<std::string> all = o.transforms;
  if (!o.clipValue.empty())
    all.push_back("clip_value:max=" + o.clipValue);
  if (!o.clipNorm.empty())
    all.push_back("clip_norm:max=" + o.clipNorm);
  return llvm::join(all, ";");
}

CompileOptions compileOptions(const GraphOptions &o,
                              ArrayRef<LoadedPlugin> plugins) {
  CompileOptions options;
  for (const LoadedPlugin &plugin : plugins)
    options.plugins.push_back(plugin.name + " " + plugin.version + " " +
                              plugin.digest.substr(0, 16));
  options.name = modelName(o.graph);
  options.cpu = o.cpu;
  options.pipeline.batch = o.batch;
  options.pipeline.entry = o.entry;
  options.pipeline.loss = llvm::join(o.losses, ";");
  options.pipeline.metrics = llvm::join(o.metrics, ";");
  options.pipeline.optimizer = o.optimizer;
  options.pipeline.groups = llvm::join(o.groups, ";");
  options.pipeline.transforms = transformsOf(o);
  options.pipeline.passes = llvm::join(o.passes, ";");
  options.pipeline.printAfter = o.printAfter;
  options.pipeline.accumulate = o.accumulate;
  options.pipeline.ema = o.ema;
  options.pipeline.mixup = o.mixup;
  options.pipeline.gradients = o.gradients;
  options.pipeline.fuse = o.fuse;
  options.pipeline.mergeTasks = o.merge;
  options.pipeline.clocks = o.clocks;
  options.pipeline.single = o.single;
  options.pipeline.exactConv = o.exactConv;
  options.pipeline.uncheckedLoss = o.uncheckedLoss;
  options.pipeline.maxMemory = o.maxMemory;
  options.pipeline.train = o.train;
  return options;
}

rt::Status checkOptions(const CompileOptions &options,
                        const Registry &registry) {
  auto targets = resolveTargets(options.cpu, registry, options.triple);
  if (!targets)
    return toError(targets.takeError(), rt::kUsage);
  auto optimizer = parseOptimizerSpec(options.pipeline.optimizer, registry);
  if (!optimizer)
    return toError(optimizer.takeError(), rt::kUsage);
  if (auto groups = parseGroups(options.pipeline.groups, *optimizer); !groups)
    return toError(groups.takeError(), rt::kUsage);
  if (auto all = parseTransforms(options.pipeline.transforms, registry); !all)
    return toError(all.takeError(), rt::kUsage);
  if (auto passes = parsePasses(options.pipeline.passes, registry); !passes)
    return toError(passes.takeError(), rt::kUsage);
  if (!options.pipeline.printAfter.empty())
    if (std::string fault = printAfterFault(options.pipeline, registry);
        !fault.empty())
      return rt::Error{rt::kUsage, "print_after", "--print-after: " + fault};
  if (auto losses = parseLossSpecs(options.pipeline.loss, registry); !losses)
    return toError(losses.takeError(), rt::kUsage);
  if (auto metrics = parseMetricSpecs(options.pipeline.metrics, registry);
      !metrics)
    return toError(metrics.takeError(), rt::kUsage);
  return rt::ok;
}

std::string modelName(const std::string &graph) {
  if (graph == "-")
    return "model";
  // Goes into JSON and file names.
  std::string name = llvm::json::fixUTF8(llvm::sys::path::stem(graph));
  for (char &c : name)
    if (uint8_t(c) < 32 || c == 127)
      c = '_';
  return name;
}

} // namespace gradmill::cli
