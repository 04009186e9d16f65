// `gradmill report`: from the log of a run, and the graph, checkpoint and data that
// it names, to a page; from several logs to a comparison.
#include "Report.h"
#include "../Session.h"
#include "Collect.h"
#include "Formats.h"
#include "checkpoint/Checkpoint.h"
#include "files/CommandFiles.h"
#include "files/Output.h"
#include "files/Paths.h"
#include "report/Terminal.h"
#include "tools/Data.h"
#include "train/TrainOptions.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

namespace gradmill::cli {
namespace {

std::string textOf(const rt::Json *object, const char *name) {
  const rt::Json *value = object ? object->find(name) : nullptr;
  return value && value->is_string() ? value->get<std::string>() : "";
}

// What a log says of its run.
class Recorded {
public:
  explicit Recorded(const rt::LoggedRun &run)
      : run(run), about(run.start.find("about")) {}

  std::string graph() const { return found(textOf(about, "graph")); }
  std::string checkpoint() const { return found(textOf(&run.end, "checkpoint")); }
  std::string data() const { return found(option("data")); }
  std::string option(const char *name) const {
    return textOf(run.start.find("options"), name);
  }

  // The graph is compiled as it was: by the settings of its text, for the loss.
  // (Plugins are code: who wants them names them.)
  void describe(GraphOptions &graph) const {
    const rt::Json *set = about ? about->find("set") : nullptr;
    if (graph.settings.empty() && set)
      for (const rt::Json &setting : *set)
        if (std::string text = setting.get<std::string>();
            text.find('=') != std::string::npos && text[0] != '=')
          graph.settings.push_back(text);
    std::string loss = textOf(&run.start, "loss");
    if (graph.losses.empty() && !loss.empty() && loss != "@loss")
      graph.losses = {loss}, graph.adoptedLoss = true;
    int64_t batch = 0;
    if (!graph.batch && llvm::to_integer(textOf(&run.start, "batch"), batch) &&
        batch > 0 && batch <= 65536)
      graph.batch = batch;
  }

private:
  // As it was written, or seen from the folder in which the run was started.
  std::string found(const std::string &path) const {
    std::string folder = textOf(about, "folder");
    if (path.empty() || folder.empty() || llvm::sys::path::is_absolute(path) ||
        rt::isRegularFile(path) || rt::isDirectory(path))
      return path;
    std::string there = rt::joinPath(folder, path);
    return rt::isRegularFile(there) || rt::isDirectory(there) ? there : path;
  }

  const rt::LoggedRun &run;
  const rt::Json *about;
};

class Maker {
public:
  explicit Maker(const ReportCommand &command) : c(command) {}

  rt::Status run() {
    for (const std::string &log : c.logs)
      files.reads(log, log);
    if (auto error = readLogs())
      return error;
    std::string page = pageName();
    files.writes("-o", page);
    files.writes("--csv", c.csv);
    data.own = collectSections(c.graph);
    if (!data.comparison && !page.empty())
      if (auto error = describe())
        return error;
    if (auto error = files.check())
      return error;
    if (!page.empty())
      if (auto error = write(page, reportPage(data)))
        return error;
    if (!c.csv.empty())
      if (auto error = write(c.csv, runsCsv(data.runs)))
        return error;
    return rt::ok;
  }

private:
  rt::Status readLogs() {
    for (const std::string &log : c.logs) {
      auto runs = rt::readRunLog(log);
      if (!runs)
        return runs.error();
      if (runs->empty())
        return rt::fileError(rt::kBadInput, "bad_log", log, "holds no run",
                             "name a file that gradmill train --metrics has written");
      std::move(runs->begin(), runs->end(), std::back_inserter(data.runs));
    }
    data.comparison = c.logs.size() > 1;
    shortenNames();
    data.title = textOf(&data.runs.back().start, "model");
    if (data.comparison)
      data.title = std::to_string(data.runs.size()) + " runs";
    if (data.title.empty())
      data.title = data.runs.back().name;
    return rt::ok;
  }

  // Without the folder that all of them are in.
  void shortenNames() {
    std::string folder = rt::folderOf(c.logs[0]);
    for (const std::string &log : c.logs)
      if (rt::folderOf(log) != folder)
        return;
    for (rt::LoggedRun &run : data.runs)
      if (llvm::StringRef(run.name).starts_with(folder))
        run.name = run.name.substr(folder.size());
  }

  // "run.html" beside "run.jsonl".
  std::string pageName() const {
    if (!c.output.empty() || !c.csv.empty())
      return c.output;
    if (c.logs.size() > 1)
      return "report.html";
    llvm::SmallString<128> path(c.logs[0]);
    llvm::sys::path::replace_extension(path, "html");
    return path.str().str();
  }

  rt::Status write(const std::string &path, const std::string &text) {
    if (auto error = rt::writeFile(path, {text}))
      return error;
    llvm::outs() << "wrote " << rt::printable(path) << "\n";
    return flushOutput();
  }

  // What is named by hand must be there; what the log names may be gone.
  template <typename T> static rt::Status demand(const Part<T> &part, bool named) {
    if (part.value || !named)
      return rt::ok;
    return rt::Error{rt::kBadInput, "report", part.missing};
  }

  rt::Status describe() {
    Recorded recorded(data.runs.back());
    GraphOptions graph = c.graph;
    bool named = !graph.graph.empty();
    if (!named)
      graph.graph = recorded.graph();
    graph.quiet = !named;
    recorded.describe(graph);
    if (!named && !rt::isRegularFile(graph.graph)) {
      data.graph.missing = data.advice.missing = data.answers.missing =
          (graph.graph.empty() ? "the log does not name the graph"
                               : "the graph " + graph.graph + " is gone") +
          "; name it with --graph";
      return rt::ok;
    }
    if (llvm::StringRef(graph.graph).ends_with(".so")) {
      data.graph.missing = data.advice.missing = data.answers.missing =
          graph.graph + " is compiled: name the graph with --graph";
      return rt::ok;
    }
    files.reads("the graph", graph.graph);
    data.graph = collectGraph(graph);
    if (auto error = demand(data.graph, named))
      return error;
    data.advice = collectAdvice(graph, data.runs.back());
    if (auto error = addAnswers(recorded, graph))
      return error;
    if (c.measure) {
      data.speed = collectSpeed(graph, c.threads);
      return demand(data.speed, true);
    }
    data.speed.missing = "kernels were not timed; --measure does it";
    return rt::ok;
  }

  // Why the checkpoint is not what the run left, or "".
  std::string wrongCheckpoint(const std::string &path) const {
    if (path.empty())
      return "the log names no checkpoint; name weights with --weights";
    auto state = rt::peekCheckpoint(path);
    if (!state)
      return state.error().message + "; name weights with --weights";
    const rt::LoggedRun &run = data.runs.back();
    const rt::Json *step = run.end.find("step"), *seed = run.start.find("seed");
    bool same = step && step->get<int64_t>() == state->step && seed &&
                seed->get<uint64_t>() == state->seed &&
                textOf(&run.start, "graph") == state->origin.graph;
    return same ? ""
                : path + " is the checkpoint of another run by now; name weights with "
                         "--weights";
  }

  rt::Status addAnswers(const Recorded &recorded, const GraphOptions &graph) {
    bool named = !c.weights.empty();
    std::string weights = named ? c.weights : recorded.checkpoint();
    if (std::string why = named ? "" : wrongCheckpoint(weights); !why.empty()) {
      data.answers.missing = why;
      return rt::ok;
    }
    files.reads("--weights", weights);
    // Nothing is fetched because a log names it.
    std::string source = c.data.empty() ? recorded.data() : c.data;
    if (source.empty())
      source = "auto";
    auto opened = rt::openDataFor(source, c.dataCache, !c.data.empty() && c.download,
                                  rt::kMaxUnpack, c.data.empty());
    if (!opened) {
      data.answers.missing = opened.error().message;
      return demand(data.answers, !c.data.empty());
    }
    for (const std::string &file : opened->files)
      files.reads("the data set's " + file, file);
    data.answers =
        collectAnswers(graph, weights, opened->test,
                       c.map.empty() ? recorded.option("map") : c.map, c.threads,
                       c.pictures);
    return demand(data.answers, named);
  }

  const ReportCommand &c;
  rt::CommandFiles files;
  ReportData data;
};
} // namespace

rt::Status makeReport(const ReportCommand &command) { return Maker(command).run(); }

} // namespace gradmill::cli
