// The compiler as the command line sees it: strings in, files out. This header
// is the border: no MLIR type crosses it, so that the commands, which use
// libraries with exceptions, are compiled apart from MLIR, which has none.
#pragma once
#include "core/Error.h"
#include "files/Cleanup.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gradmill::cli {

/// After the message of a fault of the compiler.
inline constexpr const char *kBugHint =
    " (gradmill-reduce makes a small graph that shows it)";

struct GraphOptions {
  std::string graph;
  std::vector<std::string> plugins;
  bool allowBytecode = false;
  bool quiet = false; // nothing is printed about the graph and its compilation
  std::vector<std::string> settings; // of a net's text: "NAME=VALUE"
  std::optional<int64_t> batch; // else the graph's own, or 128
  std::string cpu = "native", entry = "main";
  // Specifications; empty: what goes without saying.
  std::string optimizer;
  std::vector<std::string> losses, metrics, groups, transforms, passes;
  std::string printAfter; // passes, for compile
  bool adoptedLoss = false; // the losses are a checkpoint's, not the user's
  std::string clipNorm, clipValue; // numbers; empty: not
  int64_t accumulate = 0; // batches to an update; 0: one, in one program
  double ema = 0;         // decay of the model's average; 0: there is none
  bool mixup = false;     // the training step is for mixed samples
  std::string gradients;  // names of values to differentiate by
  bool fuse = true, exactConv = false, uncheckedLoss = false;
  int64_t maxMemory = 0; // bytes; 0: no limit
  bool merge = true;     // kernels of one chain of images in one parallel loop
  bool clocks = false;   // which say what each of them took
  bool train = true;     // with the training step
  bool single = false; // with an inference for one sample beside a batch's
};

struct CompileCommand {
  GraphOptions graph;
  std::string output, header, emit, triple;
  std::string symbol; // of objects and libraries
  std::string report;                // "table", "json" or none
  bool train = false, infer = false; // neither: both
  bool json = false, isStatic = false;
  bool timing = false; // on stderr, at the end
  bool quiet = false;  // no line about what was made
};

struct ConvertCommand {
  std::string input, output;
  std::string weights; // a file, or empty
  std::vector<std::string> plugins, settings;
  bool allowBytecode = false, allowUnknown = false;
};

struct WeightsCommand {
  std::string input, output; // nothing is written if it is empty
  std::string key;           // of a dictionary in a PyTorch file
  std::vector<std::string> renames, transposes;
  std::string to;    // "f32", "f64" or empty
  std::string graph; // that the weights must fit, or empty
  std::vector<std::string> plugins, settings;
  uint64_t maxUnpack = 0;
  bool allowBytecode = false, json = false;
};

struct SummaryCommand {
  GraphOptions graph;
  std::string other;   // what the graph is compared with, or empty
  std::string html;    // the file of a page, or empty
  std::string measure; // what is timed: "infer", "train" or nothing
  int64_t depth = 0;   // blocks below it are one row; 0: all are shown
  bool json = false;
};

struct AdviseCommand {
  GraphOptions graph;
  std::string metrics;          // the log of a run, or empty
  double object = 0;            // pixels of what is looked for; 0: not said
  std::vector<std::string> off; // rules
  std::string sarif;            // a file, "-" for standard output, or empty
  bool list = false, json = false;
};

struct ExplainCommand {
  GraphOptions graph;
  std::vector<std::string> images;    // files; none: the test set of `data`
  std::string method = "gradcam";     // or gradcam++, saliency, occlusion
  std::string layer;                  // of Grad-CAM; empty: the last picture
  std::string activations, filters;   // layers, or empty
  std::string folder = "explanation"; // where files go
  std::string weights, data = "auto", map, dataCache;
  int64_t ofClass = -1; // that is explained; -1: the one that is predicted
  int64_t count = 12;   // samples of a sheet
  int64_t patch = 0;    // pixels of an occlusion; 0: a seventh of the picture
  int threads = 0;
  bool download = true, initialWeights = false, json = false;
};

/// For main(), once: what LLVM cannot return is reported as other errors are.
void handleFatalErrors();

rt::Status compileGraph(const CompileCommand &command);
rt::Status convertGraph(const ConvertCommand &command);
/// Lists weights of any program's file; converts them.
rt::Status convertWeights(const WeightsCommand &command);
rt::Status summarizeGraph(const SummaryCommand &command);
rt::Status explainGraph(const ExplainCommand &command);
/// Whether there was nothing to say.
rt::Result<bool> adviseGraph(const AdviseCommand &command);
/// Families, plugins, ops, optimizers and losses, on stdout.
rt::Status listPlugins(const std::vector<std::string> &plugins, bool json);

/// What this machine lacks for the commands, on stdout. The exit status is 1 if
/// something that they need is missing.
int runDoctor(bool json);

/// The compiled graphs that are kept.
struct CacheUse {
  std::string folder; // empty: there is no cache
  size_t models = 0;
  uint64_t bytes = 0;
};
CacheUse cacheUse();
/// Removes those that were last used more than `days` ago, and returns what they
/// took. What others have open stays usable to them. Errors: cache_unwritable.
rt::Result<CacheUse> cleanCache(int64_t days);

/// A shared library: a file of the cache, or a temporary one, which goes with
/// this object.
class CompiledLibrary {
public:
  explicit CompiledLibrary(std::string path) : file(std::move(path)) {}
  explicit CompiledLibrary(std::unique_ptr<rt::UnfinishedFile> temporary)
      : file(temporary->path()), temporary(std::move(temporary)) {}
  const std::string &path() const { return file; }

private:
  std::string file;
  std::unique_ptr<rt::UnfinishedFile> temporary;
};
/// The graph as a shared library, compiled if the cache does not hold it.
rt::Result<CompiledLibrary> compileCached(const GraphOptions &options);

} // namespace gradmill::cli
