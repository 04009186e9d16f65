// The gradmill command: a table of commands, each with its options and what it
// calls.
#include "Backend.h"
#include "Check.h"
#include "NewPlugin.h"
#include "report/Report.h"
#include "checkpoint/Checkpoint.h"
#include "core/Artifact.h"
#include "core/Number.h"
#include "data/Named.h"
#include "data/augment/Augment.h"
#include "files/Cleanup.h"
#include "plugins/LoadPlugins.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"
#include "tools/Compare.h"
#include "tools/Data.h"
#include "tools/DataCommand.h"
#include "tools/LrFind.h"
#include "tools/Sweep.h"
#include "tools/Extras.h"
#include "tools/OptionParser.h"
#include "weights/WeightsFile.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <new>

#include "compiler/Version.h"
#include "compiler/driver/Fingerprint.h"

using namespace gradmill;
using namespace gradmill::cli;
using rt::Arguments;

namespace {

// A printed error has no code and no text left.
int finish(const rt::Status &status) {
  if (!status)
    return rt::finishOutput(rt::kOk);
  return status->message.empty() ? int(status->exit) : rt::reportError(*status);
}

void addPluginOption(CLI::App &app, std::vector<std::string> &plugins) {
  app.add_option("--plugin", plugins,
                 "Load a plugin (native code: only what you trust)")
      ->type_name("FILE.so")
      ->allow_extra_args(false);
}

void addBytecodeOption(CLI::App &app, bool &allow) {
  app.add_flag("--allow-bytecode", allow,
               "Read .mlirbc, which may crash on damaged files");
}

void addSetOption(CLI::App &app, std::vector<std::string> &settings) {
  app.add_option("--set", settings,
                 "Another value for a setting of a net's text: dropout=0.05")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->check([](const std::string &text) {
        size_t sign = text.find('=');
        return sign == 0 || sign == std::string::npos
                   ? "\"" + text + "\" is not NAME=VALUE"
                   : "";
      });
}

// For whoever looks at kernels: `graph.merge` is read by compile and bench.
void addMergeOption(CLI::App &app, GraphOptions &o) {
  bool *merge = &o.merge;
  app.add_flag_callback(
      "--no-merge", [merge] { *merge = false; },
      "One parallel loop per kernel (to time each)");
}

// "24M", "1.5G": bytes, by powers of 1024.
std::optional<int64_t> parseBytes(std::string text) {
  double unit = 1;
  switch (text.empty() ? 0 : text.back()) {
  case 'G':
    unit *= 1024;
    [[fallthrough]];
  case 'M':
    unit *= 1024;
    [[fallthrough]];
  case 'K':
    unit *= 1024;
    text.pop_back();
  }
  double number = 0;
  if (!rt::parseWhole(text, number) || !(number * unit >= 1) ||
      number * unit > 1e15)
    return std::nullopt;
  return int64_t(number * unit);
}

constexpr int64_t kMostBatches = 65536; // to an update

// A number as it was written: what is compiled in is named by it.
CLI::Validator numberBetween(double low, double high, const char *range) {
  return [=](const std::string &text) -> std::string {
    double value = 0;
    if (rt::parseWhole(text, value) && value >= low && value <= high)
      return "";
    return "\"" + text + "\" is not a number in " + range;
  };
}

void addStepOptions(CLI::App &app, GraphOptions &o) {
  app.add_option("--optimizer", o.optimizer,
                 "Update rule and options (default sgd): sgd:momentum=0.9, "
                 "adamw:weight_decay=0.01")
      ->take_last()
      ->type_name("NAME[:K=V,...]");
  app.add_option("--group", o.groups,
                 "Other options for some parameters: "
                 "'*.bias:weight_decay=0'; 'conv1.*:lr=0' freezes")
      ->type_name("PATTERN:K=V,...")
      ->allow_extra_args(false);
  app.add_option("--clip-norm", o.clipNorm,
                 "Scale the gradients so that their common norm is at most X")
      ->take_last()
      ->type_name("X")
      ->check(numberBetween(1e-30, 1e30, "1e-30..1e30"));
  app.add_option("--clip-value", o.clipValue,
                 "Clip each element of the gradients to -X..X (before the norm)")
      ->take_last()
      ->type_name("X")
      ->check(numberBetween(1e-30, 1e30, "1e-30..1e30"));
  app.add_option("--transform", o.transforms,
                 "What else is done to the gradients first, in this order: "
                 "plugins have those")
      ->type_name("NAME[:K=V,...]")
      ->allow_extra_args(false);
  app.add_option("--accumulate", o.accumulate,
                 "Batches to an update, by their mean gradient")
      ->take_last()
      ->type_name("K")
      ->check(CLI::Range(int64_t(1), kMostBatches));
  app.add_option("--ema", o.ema,
                 "Evaluate an exponential average of the weights: 0.999")
      ->take_last()
      ->type_name("DECAY")
      ->check(numberBetween(1e-6, 0.9999999, "1e-06..0.9999999"));
}

void addGradientsOption(CLI::App &app, GraphOptions &o) {
  app.add_option("--gradients", o.gradients,
                 "With an entry for gradients of the outputs by inputs, "
                 "parameters and values that have an nn.name")
      ->take_last()
      ->type_name("NAME,...")
      ->check([](const std::string &text) {
        return text.empty() ? "\"\" names nothing" : "";
      });
}

// Of a command that reads a graph.
void addReadingOptions(CLI::App &app, GraphOptions &o, bool required = true) {
  CLI::Option *graph =
      app.add_option("graph", o.graph, "Graph: .net, .mlir, .gmg, .json or .onnx")
          ->type_name("GRAPH");
  if (required)
    graph->required();
  addSetOption(app, o.settings);
  addPluginOption(app, o.plugins);
  addBytecodeOption(app, o.allowBytecode);
  app.add_option("--function", o.entry, "The graph's function (default main)")
      ->take_last()
      ->type_name("NAME");
  app.add_option("--loss", o.losses,
                 "What training lowers: nll_loss, mse, price=huber:delta=2")
      ->type_name("[OUTPUT=]NAME[:...]")
      ->allow_extra_args(false);
}

// Of one that compiles it.
void addGraphOptions(CLI::App &app, GraphOptions &o, bool training) {
  addReadingOptions(app, o);
  app.add_option_function<int64_t>(
         "--batch", [batch = &o.batch](int64_t count) { *batch = count; },
         "Images per step (default 128, or what the graph is for)")
      ->take_last()
      ->type_name("N")
      ->check(CLI::Range(int64_t(1), int64_t(65536)));
  app.add_option(
         "--cpu", o.cpu,
         "native (default), x86-64, avx2, avx512, a list, all, or LLVM's name")
      ->take_last()
      ->type_name("CPU");
  app.add_option("--metric", o.metrics,
                 "What else is reported (default: what goes with the loss)")
      ->type_name("[OUTPUT=]NAME[:...]")
      ->allow_extra_args(false);
  app.add_flag("--unchecked-loss", o.uncheckedLoss,
               "Take the output for what the loss needs, whatever it is");
  app.add_option("--pass", o.passes,
                 "Options of a plugin's pass: limit:bytes=64")
      ->type_name("NAME:K=V,...")
      ->allow_extra_args(false);
  app.add_flag("--exact-conv", o.exactConv,
               "Convolutions as defined: no Winograd");
  app.add_option_function<std::string>(
         "--max-memory",
         [bytes = &o.maxMemory](const std::string &text) {
           *bytes = parseBytes(text).value_or(0);
         },
         "Compute values again until the temporaries fit: 24M, 1G")
      ->take_last()
      ->type_name("BYTES")
      ->check([](const std::string &text) {
        return parseBytes(text)
                   ? ""
                   : "\"" + text +
                         "\" is no amount of memory, such as 24M or 1G";
      });
  if (training)
    addStepOptions(app, o);
}

// Options that name a file to write, and take no "-" for standard output: a file of
// that name would be a surprise.
rt::Status refuseStandardOutput(const Arguments &arguments) {
  for (const char *option :
       {"--svg", "--csv", "--report", "--header", "--preview",
        "--metrics", "--checkpoint", "--keep-best", "--save-weights", "--tensorboard",
        "--wrong", "--log"})
    for (size_t i = 0; i < arguments.size(); ++i)
      if (arguments[i] == std::string(option) + "=-" ||
          (arguments[i] == option && i + 1 < arguments.size() && arguments[i + 1] == "-"))
        return rt::Error{rt::kUsage, "usage",
                         std::string(option) +
                             " -: standard output is not written to; name a file (./- "
                             "for one of this name)"};
  return rt::ok;
}

// What `train` and the others do before they run: for programs that load the
// library themselves.
int compileToCache(CLI::App &app, CompileCommand &c) {
  for (const char *option : {"--output", "--emit", "--target", "--static",
                             "--header", "--symbol", "--json", "--report"})
    if (app.count(option))
      return rt::reportError(
          {rt::kUsage, "usage",
           std::string("--cached writes to the cache; it goes without ") +
               option});
  if (cacheUse().folder.empty())
    return rt::reportError({rt::kUsage, "no_cache",
                            "there is no cache: set XDG_CACHE_HOME or HOME"});
  c.graph.train = !c.infer;
  c.graph.single = true;
  auto library = compileCached(c.graph);
  if (!library)
    return finish(library.error());
  std::printf("%s\n", library->path().c_str());
  return rt::finishOutput(rt::kOk);
}

int compileCommand(const Arguments &arguments) {
  CompileCommand c;
  CLI::App app("Compiles a graph to native code.", "gradmill compile");
  addGraphOptions(app, c.graph, true);
  addGradientsOption(app, c.graph);
  app.add_option(
         "-o,--output", c.output,
         "File to write; .so, .a, .o, .s, .ll by its name, else an executable")
      ->type_name("FILE");
  app.add_option("--emit", c.emit,
                 "nn, train, schedule, fuse, vector, llvm-dialect, llvm, asm, "
                 "obj, lib, so or exe")
      ->type_name("STAGE");
  app.add_flag("--train", c.train, "With the training step (default: both)");
  app.add_flag("--infer", c.infer, "Inference only");
  app.add_option("--target", c.triple,
                 "Another architecture: aarch64-linux-gnu")
      ->type_name("TRIPLE");
  app.add_flag("--static", c.isStatic,
               "An executable that needs no shared library (no downloads)");
  app.add_option("--header", c.header, "Also write a C header for the library")
      ->type_name("FILE.h");
  app.add_option("--symbol", c.symbol,
                 "What a .a or .o is called in C (default gradmill_artifact); "
                 "several models in one program need names")
      ->type_name("NAME");
  bool cached = false;
  app.add_flag("--cached", cached,
               "A shared library in the cache, or taken from it; prints its path");
  app.add_flag("--json", c.json, "Print the manifest");
  app.add_option(
         "--report", c.report,
         "List the kernels: schedule, costs, why one is slow; --report=json")
      ->implied("table")
      ->check([](const std::string &form) {
        return form == "table" || form == "json"
                   ? ""
                   : "\"" + form + "\" is not table or json";
      });
  app.add_flag("--timing", c.timing, "Say where the time went, pass by pass");
  app.add_option("--print-after", c.graph.printAfter,
                 "Print the IR after these passes, or all, on standard error")
      ->type_name("PASS,...")
      ->check([](const std::string &text) {
        return text.empty() ? "\"\" names no pass" : "";
      });
  bool noFuse = false;
  app.add_flag("--no-fuse", noFuse, "One kernel per op (to look for errors)");
  addMergeOption(app, c.graph);
  app.add_flag("--kernel-clocks", c.graph.clocks,
               "For bench --per-op: times of the kernels of a merged loop");
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  c.graph.fuse = !noFuse;
  return cached ? compileToCache(app, c) : finish(compileGraph(c));
}

int convertCommand(const Arguments &arguments) {
  ConvertCommand c;
  CLI::App app("Converts a graph between .net, .mlir, .gmg, .json and .onnx.",
               "gradmill convert");
  app.add_option("input", c.input, "Graph to read")
      ->required()
      ->type_name("GRAPH");
  app.add_option("-o,--output", c.output,
                 "File to write; its name decides the format")
      ->required()
      ->type_name("FILE");
  app.add_option("-w,--weights", c.weights,
                 "Weights that the new graph has as its initial values")
      ->type_name("FILE")
      ->take_last();
  addSetOption(app, c.settings);
  addPluginOption(app, c.plugins);
  addBytecodeOption(app, c.allowBytecode);
  app.add_flag("--allow-unknown-ops", c.allowUnknown,
               "Carry along ops of plugins that are not loaded");
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  return finish(convertGraph(c));
}

int weightsCommand(const Arguments &arguments) {
  WeightsCommand c;
  CLI::App app("Lists the tensors of a file of weights, and writes them as safetensors or npz.",
               "gradmill weights");
  app.add_option("input", c.input, "safetensors, npz, or PyTorch's .pt or .pth")
      ->required()
      ->type_name("WEIGHTS");
  app.add_option("-o,--output", c.output, "File to write, .safetensors or .npz")
      ->type_name("FILE")
      ->take_last();
  app.add_option("-g,--graph", c.graph, "Graph that the weights must fit")
      ->type_name("GRAPH")
      ->take_last();
  app.add_option("--key", c.key, "Dictionary of a PyTorch file: model, or a/b")
      ->type_name("NAME")
      ->take_last();
  auto several = [&](const char *name, std::vector<std::string> &to, const char *help) {
    return app.add_option(name, to, help)->allow_extra_args(false);
  };
  several("--rename", c.renames, "Names that match a regular expression: 'net\\.(.*)=\\1'")
      ->type_name("PATTERN=NAME");
  several("--transpose", c.transposes, "Matrices to turn around, by name: 'fc*.weight'")
      ->type_name("GLOB");
  app.add_option("--to", c.to, "Element type that all become: f32 or f64")
      ->type_name("TYPE")
      ->take_last()
      ->check([](const std::string &type) {
        return type == "f32" || type == "f64" ? std::string() : "\"" + type + "\" is neither f32 nor f64";
      });
  app.add_option("--max-unpack", c.maxUnpack,
                 "Compressed files may become so many times larger (100)")
      ->type_name("N")
      ->take_last()
      ->check(CLI::Range(1, int64_t(rt::kMostUnpack)));
  addSetOption(app, c.settings);
  addPluginOption(app, c.plugins);
  addBytecodeOption(app, c.allowBytecode);
  app.add_flag("--json", c.json, "Print JSON");
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  return finish(convertWeights(c));
}

int summaryCommand(const Arguments &arguments) {
  SummaryCommand c;
  CLI::App app("Lists a graph's layers with shapes, parameters, costs and what "
               "they see of the input.",
               "gradmill summary");
  addGraphOptions(app, c.graph, false);
  app.add_option("--depth", c.depth, "Blocks below this depth are one row")
      ->type_name("N")
      ->check(CLI::Range(int64_t(1), int64_t(1000)));
  app.add_option("--measure", c.measure,
                 "Run the graph, and show each layer's share of the time")
      ->type_name("infer|train")
      ->check([](const std::string &what) {
        return what == "infer" || what == "train"
                   ? ""
                   : "\"" + what + "\" is not infer or train";
      });
  app.add_option("--diff", c.other, "What another graph has otherwise")
      ->type_name("GRAPH");
  app.add_option("--html", c.html, "Write a page instead")
      ->type_name("FILE");
  app.add_flag("--json", c.json, "Machine-readable");
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  if (!c.html.empty() && !c.other.empty())
    return rt::reportError({rt::kUsage, "usage",
                            "--html and --diff do not go together"});
  if (!c.html.empty() && c.json)
    return rt::reportError({rt::kUsage, "usage",
                            "--html writes a page and --json prints; give one of them"});
  return finish(summarizeGraph(c));
}

int adviseCommand(const Arguments &arguments) {
  AdviseCommand c;
  bool strict = false;
  CLI::App app("Says what could be better about a net, or about a run.",
               "gradmill advise");
  addReadingOptions(app, c.graph, /*required=*/false);
  app.add_option("--metrics", c.metrics,
                 "The log of a run (train --metrics), to be judged, too")
      ->type_name("LOG.jsonl");
  app.add_option("--object", c.object,
                 "How many pixels wide what the net looks for is")
      ->type_name("N")
      ->check(numberBetween(1, 1e6, "1..1000000"));
  app.add_option("--off", c.off, "Leave a rule out")
      ->type_name("RULE")
      ->allow_extra_args(false);
  app.add_flag("--list", c.list, "List the rules");
  app.add_flag("--json", c.json, "Machine-readable");
  app.add_option("--sarif", c.sarif, "Write SARIF, for editors and code hosts")
      ->type_name("FILE");
  app.add_flag("--strict", strict, "Exit with status 1 if there is any advice");
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  if (c.graph.graph.empty() && !c.list)
    return rt::reportError({rt::kUsage, "usage",
                            "name the graph: gradmill advise GRAPH; --list needs "
                            "none"});
  auto clean = adviseGraph(c);
  if (!clean)
    return finish(clean.error());
  return rt::finishOutput(*clean || !strict ? rt::kOk : rt::kFailure);
}

int checkCommand(const Arguments &arguments) {
  CheckCommand c;
  CLI::App app("Compares compiled code with naive references, and gradients with "
               "finite differences.",
               "gradmill check");
  addGraphOptions(app, c.graph, true);
  app.add_option("--samples", c.samples,
                 "Elements of each operand for finite differences (16)")
      ->type_name("N")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 30));
  app.add_option("--seconds", c.seconds,
                 "The most time for the finite differences of one op, about (2)")
      ->type_name("S")
      ->check(CLI::Range(0.0, 1e6));
  app.add_flag("--infer", c.inferOnly, "Inference only: for a graph without a loss");
  app.add_flag("--json", c.json, "Machine-readable");
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  return finish(checkNumbers(c));
}

int explainCommand(const Arguments &arguments) {
  ExplainCommand c;
  CLI::App app("Shows which pixels speak for a class, and what a net is sure of: "
               "gradmill explain GRAPH [IMAGE.png ...]",
               "gradmill explain");
  addGraphOptions(app, c.graph, false);
  app.add_option("images", c.images,
                 "Pictures, or .npy of normalized samples; none: the test samples "
                 "of --data")
      ->type_name("IMAGE");
  app.add_option("-w,--weights", c.weights,
                 "Weights or checkpoint (default NAME.ckpt.safetensors)")
      ->type_name("FILE");
  app.add_flag("--init", c.initialWeights, "Freshly initialized weights");
  app.add_option("--method", c.method,
                 "gradcam (default), gradcam++, saliency or occlusion")
      ->type_name("NAME")
      ->check([](const std::string &name) {
        for (const char *known : {"gradcam", "gradcam++", "saliency", "occlusion"})
          if (name == known)
            return std::string();
        return "\"" + name +
               "\" is not gradcam, gradcam++, saliency or occlusion";
      });
  app.add_option("--layer", c.layer,
                 "The layer of Grad-CAM (default: the last that gives a picture)")
      ->type_name("NAME");
  app.add_option("--class", c.ofClass,
                 "The class that is explained (default: the predicted one)")
      ->type_name("N")
      ->check(CLI::Range(int64_t(0), int64_t(1) << 30));
  app.add_option("--patch", c.patch, "Pixels of an occlusion's patch")
      ->type_name("N")
      ->check(CLI::Range(int64_t(1), int64_t(4096)));
  app.add_option("--activations", c.activations,
                 "Also what the channels of this layer are")
      ->type_name("LAYER");
  app.add_option("--filters", c.filters, "Also the filters of this layer")
      ->type_name("LAYER");
  app.add_option("--count", c.count, "Samples on each sheet (12)")
      ->type_name("N")
      ->check(CLI::Range(int64_t(1), int64_t(100)));
  app.add_option("--data", c.data, "Test samples: as of eval")->type_name("SOURCE");
  app.add_option("--map", c.map, "Columns of ports: as of eval")
      ->type_name("PORT=COLUMN,...");
  app.add_option("--data-cache", c.dataCache, "Where data is kept")
      ->type_name("DIR");
  app.add_flag_callback("--no-download", [&c] { c.download = false; },
                        "Never fetch data");
  app.add_option("-o,--output", c.folder, "The folder of the pictures (explanation)")
      ->type_name("DIR");
  app.add_option("-j,--threads", c.threads, "Threads (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(0, 64));
  app.add_flag("--json", c.json, "Machine-readable, with the maps");
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  bool gradcam = c.method.starts_with("gradcam");
  for (auto [option, used, needs] :
       {std::tuple("--patch", c.method == "occlusion", "--method occlusion"),
        {"--layer", gradcam, "--method gradcam or gradcam++"}})
    if (app.count(option) && !used)
      return rt::reportError({rt::kUsage, "usage",
                              std::string(option) + " goes with " + needs + ", not with " +
                                  c.method});
  return finish(explainGraph(c));
}

int pluginsCommand(const Arguments &arguments) {
  std::vector<std::string> plugins;
  bool json = false;
  CLI::App app("Lists op families, optimizers, losses and loaded plugins.",
               "gradmill plugins");
  addPluginOption(app, plugins);
  app.add_flag("--json", json, "Machine-readable");
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  return finish(listPlugins(plugins, json));
}

int pluginCommand(const Arguments &arguments) {
  NewPluginCommand c;
  std::string verb;
  CLI::App app("Writes a new plugin that builds, with tests: gradmill plugin new op "
               "soft_sign",
               "gradmill plugin");
  app.add_option("verb", verb, "new")->required()->type_name("new")->check(
      [](const std::string &word) {
        return word == "new" ? "" : "\"" + word + "\" is not new";
      });
  app.add_option("kind", c.kind, "One of: " + pluginKinds())
      ->required()
      ->type_name("KIND");
  app.add_option("name", c.name, "Its name, as soft_sign")
      ->required()
      ->type_name("NAME");
  app.add_option("-o,--output", c.folder, "The folder (default: the name)")
      ->type_name("DIR");
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  return finish(newPlugin(c));
}

int doctorCommand(const Arguments &arguments) {
  bool json = false;
  CLI::App app("Says what this machine has of what the commands need, and how "
               "to get the rest.",
               "gradmill doctor");
  app.add_flag("--json", json, "Machine-readable");
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  int missing = runDoctor(json);
  int written = rt::finishOutput(rt::kOk);
  return written ? written : missing;
}

std::string mebibytes(uint64_t bytes) {
  char text[40];
  std::snprintf(text, sizeof text, "%.1f MiB", double(bytes) / (1 << 20));
  return text;
}

int cacheCommand(const Arguments &arguments) {
  bool clean = false;
  int64_t days = 0;
  CLI::App app("Says how large the cache of compiled graphs is, or empties it.",
               "gradmill cache");
  app.add_flag("--clean", clean, "Remove what is kept");
  app.add_option("--days", days,
                 "With --clean: only what was not used for so many days")
      ->type_name("N")
      ->check(CLI::Range(0, 36500));
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  if (app.count("--days") && !clean)
    return rt::reportError(
        {rt::kUsage, "usage", "--days goes with --clean"});
  CacheUse use = cacheUse();
  if (use.folder.empty()) {
    std::printf("no cache: neither XDG_CACHE_HOME nor HOME is set\n");
    return rt::finishOutput(rt::kOk);
  }
  if (clean) {
    auto removed = cleanCache(days);
    if (!removed)
      return rt::reportError(removed.error());
    std::printf("removed %zu of %zu compiled models, %s\n", removed->models,
                use.models, mebibytes(removed->bytes).c_str());
  } else {
    std::printf("%s: %zu compiled models, %s\n", use.folder.c_str(), use.models,
                mebibytes(use.bytes).c_str());
  }
  return rt::finishOutput(rt::kOk);
}

// A resumed run is compiled as it was, unless told otherwise: what differs then
// is refused when the checkpoint is loaded.
rt::Status adoptOrigin(CLI::App &app, GraphOptions &graph,
                       const std::string &checkpoint) {
  auto state = rt::peekCheckpoint(checkpoint);
  if (!state)
    return state.error();
  const rt::Origin &origin = state->origin;
  int64_t batch = 0;
  if (!app.count("--batch") && rt::parseWhole(origin.batch, batch))
    graph.batch = batch;
  if (!app.count("--loss") && !origin.loss.empty() &&
      origin.loss != "@loss") {
    graph.losses = {origin.loss};
    graph.adoptedLoss = true;
  }
  std::string optimizer = rt::optimizerOption(origin.optimizer);
  if (!app.count("--optimizer") && !optimizer.empty())
    graph.optimizer = optimizer;
  auto stored = [&](const char *key) {
    return rt::stepOption(origin.optimizer, key);
  };
  if (std::string groups = stored("groups");
      !app.count("--group") && !groups.empty())
    graph.groups = {groups};
  if (std::string transforms = stored("transforms");
      !app.count("--transform") && !app.count("--clip-norm") &&
      !app.count("--clip-value") && !transforms.empty())
    graph.transforms = {transforms};
  // (What is out of range is no checkpoint of ours, and will not fit.)
  int64_t accumulate = 0;
  if (!app.count("--accumulate") &&
      rt::parseWhole(stored("accumulate"), accumulate) && accumulate > 0 &&
      accumulate <= kMostBatches)
    graph.accumulate = accumulate;
  if (!app.count("--augment"))
    graph.mixup = !stored("mixup").empty();
  double ema = 0;
  if (!app.count("--ema") && rt::parseWhole(stored("ema"), ema) && ema > 0 &&
      ema < 1)
    graph.ema = ema;
  return rt::ok;
}

void addRecordOptions(CLI::App &app, RecordOptions &o, bool &noReport) {
  auto file = [&](const char *name, std::string &value, const char *type,
                  const char *text) {
    app.add_option(name, value, text)->take_last()->type_name(type)->group("Files");
  };
  file("--report", o.report, "FILE.html",
       "The page about the run, written anew after each epoch (beside the "
       "checkpoint: NAME.report.html)");
  app.add_flag("--no-report", noReport, "Write no page")->group("Files");
  file("--csv", o.csv, "FILE", "Write a table of the epochs");
  file("--tensorboard", o.tensorboard, "DIR", "Write event files for TensorBoard");
}

// Whether the plugins bring something to training: a compiled model takes those.
bool areForTraining(const std::vector<std::string> &plugins) {
  std::vector<rt::RuntimePlugin> loaded = rt::runtimePlugins();
  for (const std::string &plugin : plugins)
    if (std::none_of(loaded.begin(), loaded.end(),
                     [&](const auto &each) { return each.path == plugin; }))
      return false;
  return true;
}

// train, eval, predict, run: compile (or take from the cache), then what the
// stand-alone executable does. A .so that was compiled before is taken as it
// is.
template <typename Options>
int withModel(const Arguments &arguments, const char *name, const char *about,
              bool training, bool single, void (*add)(CLI::App &, Options &),
              int (*run)(rt::Model &, const Options &)) {
  GraphOptions graph;
  Options options;
  CLI::App app(about, name);
  addGraphOptions(app, graph, training);
  if constexpr (std::is_same_v<Options, rt::BenchOptions>)
    addMergeOption(app, graph);
  if constexpr (std::is_same_v<Options, rt::RunOptions>)
    addGradientsOption(app, graph);
  add(app, options);
  RecordOptions record;
  bool noReport = false;
  if constexpr (std::is_same_v<Options, rt::TrainOptions>)
    addRecordOptions(app, record, noReport);
  rt::CommandFiles *files = nullptr;
  if constexpr (requires { options.files; }) // of commands that write some
    files = &options.files;
  if (auto exit = rt::parseCommandLine(app, arguments, files))
    return *exit;
  if (files) {
    files->reads("the graph", graph.graph);
    for (const std::string &plugin : graph.plugins)
      files->reads("--plugin " + plugin, plugin);
  }
  auto given = [&](const char *option) {
    return app.get_option_no_throw(option) && app.count(option);
  };
  if (given("--val-seed") && !given("--val-split") && !given("--resume"))
    return rt::reportError({rt::kUsage, "usage",
                            "--val-seed chooses the samples of --val-split; give both"});
  std::unique_ptr<rt::RunRecorder> recorder;
  if constexpr (std::is_same_v<Options, rt::TrainOptions>) {
    if (noReport && !record.report.empty())
      return rt::reportError({rt::kUsage, "usage",
                              "--report and --no-report exclude each other"});
    const char *never = std::getenv("GRADMILL_NO_REPORT");
    record.reportByDefault =
        record.report.empty() && !noReport && !(never && *never);
    files->writes("--report", record.report);
    files->writes("--csv", record.csv);
    Arguments command = {"gradmill", "train"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    options.about = aboutRun(command, graph);
  }
  if constexpr (std::is_same_v<Options, rt::TrainOptions>)
    if (auto steps = rt::parseAugment(options.augmentation);
        !options.augmentation.empty() && steps)
      graph.mixup = (*steps)->mixes(); // what is wrong is said when training starts
  // Evaluating needs no training step, which a graph may not have.
  graph.train = training;
  graph.single = single;
  if constexpr (std::is_same_v<Options, rt::BenchOptions>) {
    graph.train = options.train;
    graph.clocks = options.perOp;
  }
  std::string path = graph.graph;
  std::optional<CompiledLibrary> compiled;
  if (path.ends_with(".so")) {
    for (const char *option : {"--plugin", "--set", "--batch", "--cpu", "--function",
                               "--optimizer", "--group", "--transform", "--pass",
                               "--clip-norm", "--clip-value", "--accumulate",
                               "--ema", "--gradients", "--loss", "--metric",
                               "--no-merge"})
      if (app.get_option_no_throw(option) && app.count(option) &&
          !(option == std::string_view("--plugin") && areForTraining(graph.plugins)))
        return rt::reportError({rt::kUsage, "compiled_already",
                                std::string(option) +
                                    " is compiled in: " + path +
                                    " has it from when it was compiled"});
  } else {
    if constexpr (std::is_same_v<Options, rt::TrainOptions>)
      if (!options.resume.empty())
        if (rt::Status error = adoptOrigin(app, graph, options.resume))
          return rt::reportError(*error);
    auto result = compileCached(graph);
    if (!result)
      return finish(result.error());
    compiled.emplace(std::move(*result));
    path = compiled->path();
  }
  if constexpr (std::is_same_v<Options, rt::TrainOptions>) {
    recorder = makeRecorder(record, graph); // of the graph as it was compiled
    options.recorder = recorder.get();
  }
  auto artifact = rt::Artifact::open(path);
  compiled.reset(); // loaded: a temporary file may go
  if (!artifact)
    return rt::reportError(artifact.error());
  auto model =
      rt::Model::create(*artifact, 1); // the command sets its own threads
  if (!model)
    return rt::reportError(model.error());
  return run(**model, options);
}

int sweepCommand(const Arguments &a) {
  return rt::runSweep(a, "gradmill", GRADMILL_VERSION " " + programDigest());
}

int trainCommand(const Arguments &a) {
  for (const std::string &word : a)
    if (word == "--seeds" || word.starts_with("--seeds="))
      return sweepCommand(a);
  return withModel(a, "gradmill train", "Compiles a graph and trains it.", true,
                   false, rt::addFullTrainOptions, rt::runTrain);
}
int evalCommand(const Arguments &a) {
  return withModel(a, "gradmill eval",
                   "Measures a model's accuracy on the test images.", false,
                   false, rt::addFullEvalOptions, rt::runEval);
}
int predictCommand(const Arguments &a) {
  return withModel(
      a, "gradmill predict",
      "Says what is on pictures: gradmill predict GRAPH IMAGE.png ...", false,
      true, rt::addPredictOptions, rt::runPredict);
}
int runCommand(const Arguments &a) {
  return withModel(a, "gradmill run",
                   "Runs a graph on raw inputs and prints its outputs.", false,
                   true, rt::addRunOptions, rt::runRun);
}

int benchCommand(const Arguments &a) {
  return withModel(a, "gradmill bench", "Times a graph's compiled code.", true,
                   false, rt::addBenchOptions, rt::runBench);
}

int lrFindCommand(const Arguments &a) {
  return withModel(a, "gradmill lr-find",
                   "Finds a learning rate: a few steps, each with a larger one.",
                   true, false, rt::addLrFindOptions, rt::runLrFind);
}

int compareCommand(const Arguments &arguments) {
  rt::CompareOptions options;
  CLI::App app("Compares logs of training: gradmill compare A.jsonl B.jsonl",
               "gradmill compare");
  rt::addCompareOptions(app, options);
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  return rt::runCompare(options);
}

int reportCommand(const Arguments &arguments) {
  ReportCommand c;
  CLI::App app("Makes a page of the log of a run, or compares runs: gradmill report "
               "LOG.jsonl",
               "gradmill report");
  app.add_option("LOG", c.logs, "Files of train --metrics")->required();
  auto text = [&](const char *name, std::string &value, const char *type,
                  const char *about) {
    app.add_option(name, value, about)->take_last()->type_name(type);
  };
  text("-o,--output", c.output, "FILE.html",
       "The page (LOG.html, report.html of several logs)");
  text("--csv", c.csv, "FILE", "A table of the epochs; the page only with -o, too");
  text("--graph", c.graph.graph, "GRAPH", "The graph (the one that the log names)");
  addSetOption(app, c.graph.settings);
  addPluginOption(app, c.graph.plugins);
  addBytecodeOption(app, c.graph.allowBytecode);
  text("-w,--weights", c.weights, "FILE",
       "Weights that are judged (the run's checkpoint)");
  text("--data", c.data, "SOURCE", "Test samples (the run's)");
  text("--map", c.map, "PORT=COLUMN,...", "Columns of ports, as of eval");
  text("--data-cache", c.dataCache, "DIR", "Where data is kept");
  app.add_flag_callback("--no-download", [&c] { c.download = false; },
                        "Never fetch data");
  app.add_flag("--measure", c.measure, "Time the kernels of a step, too");
  app.add_option("--count", c.pictures, "Mistakes with pictures (24)")
      ->type_name("N")
      ->check(CLI::Range(int64_t(0), int64_t(1000)));
  rt::addThreads(app, c.threads);
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  return finish(makeReport(c));
}

int dataCommand(const Arguments &arguments) {
  rt::DataCommandOptions options;
  std::vector<std::string> plugins; // loaded already
  CLI::App app("Says what a data source holds, and shows its pictures.",
               "gradmill data");
  rt::addDataCommandOptions(app, options);
  addPluginOption(app, plugins);
  if (auto exit = rt::parseCommandLine(app, arguments))
    return *exit;
  return rt::runDataCommand(options);
}

struct Command {
  const char *name, *about;
  int (*run)(const Arguments &);
};

constexpr Command kCommands[] = {
    {"train", "compile a graph and train it", trainCommand},
    {"eval", "accuracy on the test images", evalCommand},
    {"predict", "what is on a picture", predictCommand},
    {"run", "raw inputs to raw outputs", runCommand},
    {"bench", "images per second of the compiled code", benchCommand},
    {"lr-find", "a learning rate, by a range test", lrFindCommand},
    {"sweep", "train with several options and seeds; mean and spread",
     sweepCommand},
    {"compare", "logs of training side by side", compareCommand},
    {"report", "a page about a run, or several, from their logs", reportCommand},
    {"data", "what a data source holds; a sheet of pictures", dataCommand},
    {"compile", "to a library, an executable, or any stage in between",
     compileCommand},
    {"convert", "between .net, .mlir, .gmg, .json and .onnx", convertCommand},
    {"weights", "weights of PyTorch, NumPy, safetensors: list, convert", weightsCommand},
    {"summary", "layers, shapes, parameters, costs, receptive field", summaryCommand},
    {"advise", "what could be better about a net or a run", adviseCommand},
    {"explain", "which pixels speak for a class, and what a net is sure of",
     explainCommand},
    {"check", "compiled numbers against references and finite differences",
     checkCommand},
    {"plugins", "ops, optimizers, losses, passes and more, and whose they are", pluginsCommand},
    {"plugin", "new: writes a plugin that builds, with tests", pluginCommand},
    {"doctor", "what this machine lacks, and how to get it", doctorCommand},
    {"cache", "compiled graphs that are kept: size, --clean", cacheCommand},
};

void printHelp(FILE *to) {
  std::fprintf(
      to,
      "Compiles neural-network graphs and trains them, without a framework.\n\n"
      "Usage: gradmill COMMAND [OPTIONS]\n\nCommands:\n");
  for (const Command &c : kCommands)
    std::fprintf(to, "  %-9s %s\n", c.name, c.about);
  std::fprintf(to, "\nEach command has --help. First steps:\n"
                   "  gradmill train examples/mnist/mnist.net --epochs 1\n"
                   "  gradmill compile examples/mnist/mnist.net --train -o "
                   "mnist-trainer\n");
}

// What plugins have for training. Options of commands are checked against it, so
// it is there before they are read.
rt::Status loadForTraining(const std::string &command,
                           const Arguments &arguments) {
  auto all = rt::expandConfig(arguments);
  if (!all)
    return rt::ok; // the command says so
  for (size_t i = 0; i < all->size(); ++i) {
    const std::string &word = (*all)[i];
    std::string file;
    if (word == "--plugin" && i + 1 < all->size())
      file = (*all)[i + 1];
    else if (word.starts_with("--plugin="))
      file = word.substr(9);
    if (!file.empty())
      if (rt::Status error = rt::loadRuntimePlugin(file))
        // What cannot be opened is said by the command, after its own checks; data
        // has none.
        if (command == "data" ||
            (error->code != "plugin_missing" && error->code != "plugin_load"))
          return error;
  }
  return rt::ok;
}

int dispatch(Arguments arguments) {
  if (arguments.empty()) {
    printHelp(stderr);
    return rt::kUsage;
  }
  std::string name = arguments.front();
  if (name == "-h" || name == "--help" || name == "help") {
    printHelp(stdout);
    return rt::finishOutput(rt::kOk);
  }
  if (name == "--version") {
    std::printf("gradmill " GRADMILL_VERSION "\n");
    return rt::finishOutput(rt::kOk);
  }
  arguments.erase(arguments.begin());
  if (rt::Status error = refuseStandardOutput(arguments))
    return rt::reportError(*error);
  std::vector<std::string> names;
  for (const Command &c : kCommands) {
    if (name == c.name) {
      if (rt::Status error = loadForTraining(name, arguments))
        return rt::reportError(*error);
      return c.run(arguments);
    }
    names.push_back(c.name);
  }
  std::string hint = rt::nearest(name, names);
  return rt::reportError({rt::kUsage, "usage",
                          "unknown command \"" + name + "\"" +
                              (hint.empty() ? "; gradmill --help lists them"
                                            : "; did you mean " + hint + "?")});
}
} // namespace

int main(int argc, char **argv) {
  rt::cleanUpOnSignals();
  std::set_new_handler(rt::endOutOfMemory);
  std::set_terminate(rt::endByException);
  handleFatalErrors();
  rt::resolveDataName = rt::resolveNamed;
  rt::readWeightsFile = rt::readAnyWeights;
  rt::writeWeightsFile = rt::writeAnyWeights;
  try {
    return dispatch(Arguments(argv + (argc > 0), argv + argc));
  } catch (const std::bad_alloc &) {
    return rt::reportError({rt::kFailure, "out_of_memory", "out of memory"});
  } catch (const std::exception &e) {
    return rt::reportError({rt::kInternal, "internal", e.what()});
  }
}
