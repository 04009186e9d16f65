// What `gradmill train` keeps of a run beside its checkpoint: the report, which is
// written anew while the run is going, a table of its epochs, TensorBoard's file.
#include "Collect.h"
#include "Formats.h"
#include "Panel.h"
#include "Report.h"
#include "ReportFile.h"
#include "checkpoint/Checkpoint.h"
#include "files/Output.h"
#include "report/Metrics.h"
#include "report/Terminal.h"
#include "tools/Commands.h"
#include "train/Classify.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/FileSystem.h"
#include <chrono>

namespace gradmill::cli {
namespace {

constexpr int64_t kEverySteps = 10;      // that are kept, as in a log
constexpr double kSecondsBetween = 10;   // of two versions within an epoch
constexpr double kLeastSeconds = 1;      // where epochs are short
constexpr int64_t kPictures = 24;        // of mistakes
// A page that nobody asked for costs little beside its run: kernels are compiled with
// clocks and timed, a second or two, after runs that are at least as long.
constexpr double kSecondsForKernels = 60;

double timeNow() {
  using namespace std::chrono;
  return duration<double>(system_clock::now().time_since_epoch()).count();
}

class Recorder : public rt::RunRecorder {
public:
  Recorder(RecordOptions options, GraphOptions graph)
      : files(std::move(options)), graph(std::move(graph)) {
    this->graph.quiet = true;
    data.own = collectSections(this->graph);
  }

  rt::Status prepare(const rt::StartReport &start) override {
    if (rt::Status error = prepareReport(start))
      return error;
    for (const std::string &file : {files.report, files.csv})
      if (!file.empty())
        if (rt::Status error = rt::checkWritable(file))
          return error;
    if (files.tensorboard.empty())
      return rt::ok;
    auto made = TensorboardFile::create(files.tensorboard);
    if (!made)
      return made.error();
    tensorboard = std::move(*made);
    return rt::ok;
  }

  void onStart(const rt::StartReport &start) override {
    model = &start.model, samples = &start.data;
    runOptions = start.options;
    data.title = start.model.manifest().name;
    data.runs.push_back({});
    if (start.step)
      adoptEarlier(start.step);
    run().name = data.title;
    run().start = rt::parseJson(rt::startRecord(start));
    if (files.report.empty())
      return;
    if (canReadGraph()) {
      data.graph = collectGraph(graph);
      data.advice = collectAdvice(graph, run());
      data.answers.missing = "the test samples are looked at when the run is over";
      data.speed.missing = "kernels are timed when the run is over";
    } else {
      data.graph.missing = data.advice.missing = data.answers.missing =
          graph.graph == "-" ? "the graph came from standard input"
                             : graph.graph + " is compiled already: it has no graph";
    }
    writePage();
    if (showsPanel() && !files.report.empty())
      llvm::errs() << "report: " << rt::printable(files.report)
                   << ", written anew while the run goes on\n";
  }

  void onStep(const rt::StepReport &step) override {
    if (step.step % kEverySteps)
      return;
    add(rt::stepRecord(step));
    if (timeNow() - writtenAt >= kSecondsBetween)
      writePage();
  }

  void onEpoch(const rt::EpochReport &epoch) override {
    add(rt::epochRecord(epoch));
    // From one version to the next it may take so long again, and more.
    data.patience = std::max(60.0, 3 * (timeNow() - epochAt));
    epochAt = timeNow();
    if (timeNow() - writtenAt < kLeastSeconds)
      return;
    writeCsv();
    if (!files.report.empty() && canReadGraph())
      data.advice = collectAdvice(graph, run());
    writePage();
  }

  bool tellsEnd() const override { return showsPanel(); }

  rt::Status conclude(const rt::TrainSummary &summary, const rt::Error *error) override {
    if (!model) // it has not begun
      return rt::ok;
    run().end = rt::parseJson(rt::endRecord(summary, error));
    if (tensorboard)
      keep(tensorboard->finish());
    writeCsv();
    if (!files.report.empty()) {
      collect(summary, error);
      finished = true;
      writePage();
    }
    tell(summary, error);
    return failed;
  }

private:
  rt::LoggedRun &run() { return data.runs.back(); }
  bool canReadGraph() const {
    return graph.graph != "-" && !llvm::StringRef(graph.graph).ends_with(".so");
  }
  bool showsPanel() const {
    return !runOptions.quiet && !runOptions.json && rt::Terminal::of(1).interactive &&
           rt::Terminal::of(2).interactive;
  }

  // Chooses the page's file, unless it is named. A run goes on without a page that
  // nobody asked for, if there is no place for one.
  rt::Status prepareReport(const rt::StartReport &start) {
    const rt::TrainOptions &options = start.options;
    if (files.reportByDefault) {
      files.report = reportBeside(options.checkpoint.empty()
                                      ? rt::defaultWeights(start.model)
                                      : options.checkpoint);
      rt::CommandFiles all = options.files;
      all.writes("--metrics", options.metrics);
      all.writes("the report", files.report);
      if (rt::Status error = all.check())
        return error;
      if (rt::checkWritable(files.report)) {
        files.report.clear();
        return rt::ok;
      }
    }
    if (files.report.empty() || options.overwrite)
      return rt::ok;
    return checkReportReplaces(files.report,
                               rt::originOf(start.model.manifest()).graph);
  }

  // What the log holds of the time before a run was resumed.
  void adoptEarlier(int64_t step) {
    if (runOptions.metrics.empty())
      return;
    auto runs = rt::readRunLog(runOptions.metrics);
    if (!runs || runs->empty())
      return;
    run() = std::move(runs->back());
    run().forget(double(step));
    if (run().resumedAt.empty() || run().resumedAt.back() != double(step))
      run().resumedAt.push_back(double(step));
  }

  void add(const std::string &line) {
    rt::Json record = rt::parseJson(line);
    run().add(record);
    if (tensorboard)
      tensorboard->addRecord(timeNow(), record);
  }

  void keep(rt::Status error) {
    if (error && !failed)
      failed = std::move(error);
  }

  // A page that nobody asked for does not make a run fail.
  void lose(const rt::Error &error) {
    if (!files.reportByDefault)
      return keep(error);
    if (!runOptions.quiet)
      llvm::errs() << "warning[" << error.code << "]: no report: "
                   << rt::printable(error.message) << "\n";
    files.report.clear();
  }

  void writeCsv() {
    writtenAt = timeNow();
    if (!files.csv.empty())
      keep(rt::writeFile(files.csv, {runsCsv(data.runs)}));
  }

  void writePage() {
    if (files.report.empty())
      return;
    writtenAt = timeNow();
    data.liveAt = finished ? 0 : writtenAt;
    if (rt::Status error = rt::writeFile(files.report, {reportPage(data)}))
      lose(*error);
  }

  // At the end: what takes a while.
  void collect(const rt::TrainSummary &summary, const rt::Error *error) {
    if (!canReadGraph())
      return;
    data.advice = collectAdvice(graph, run());
    if (error || summary.interrupted) {
      data.answers.missing = "the run did not end as planned; gradmill report looks at "
                             "its checkpoint";
      data.speed.missing = "kernels are timed after a whole run";
      return;
    }
    llvm::SmallString<128> path;
    if (auto failure =
            llvm::sys::fs::createTemporaryFile("gradmill", "safetensors", path)) {
      data.answers.missing = "no temporary file: " + failure.message();
      return;
    }
    rt::UnfinishedFile weights(path.str().str());
    if (rt::Status failure = rt::saveWeights(*model, weights.path()))
      data.answers.missing = failure->message;
    else
      data.answers = collectAnswers(graph, weights.path(), samples->test,
                                    runOptions.map, runOptions.threads, kPictures);
    if (files.reportByDefault && summary.last.step.seconds < kSecondsForKernels)
      data.speed.missing = "kernels are timed after runs of a minute and more, and with "
                           "train --report FILE.html or report LOG --measure";
    else
      data.speed = collectSpeed(graph, runOptions.threads);
  }

  //===-- Last words --------------------------------------------------------===//

  void tell(const rt::TrainSummary &summary, const rt::Error *error) {
    if (runOptions.quiet || runOptions.json || error)
      return;
    Panel panel;
    addFacts(panel, summary);
    addFiles(panel, summary);
    addNext(panel, summary);
    if (!showsPanel())
      std::erase_if(panel.files, [](auto &file) { // those are said already
        return file.first == "weights" || file.first == "best";
      });
    llvm::errs() << (showsPanel() ? panelText(panel, rt::Terminal::of(2))
                                  : panelLines(panel));
  }

  void addFacts(Panel &panel, const rt::TrainSummary &summary) {
    const rt::EpochReport &epoch = summary.last;
    panel.title = data.title + (summary.interrupted
                                    ? ", stopped after step " +
                                          std::to_string(epoch.step.step) + " of " +
                                          std::to_string(epoch.step.totalSteps)
                                    : ", finished");
    for (auto [name, part] : {std::pair("validation", &epoch.validation),
                              std::pair("test", &epoch.test)})
      if (part->loss)
        panel.facts.push_back({name, rt::scoresText(*part->loss, part->metrics)});
    if (summary.bestEpoch)
      panel.facts.push_back({"best", "validation " + summary.bestText + " after epoch " +
                                         std::to_string(summary.bestEpoch)});
    else if (std::string best = bestText(); !best.empty())
      panel.facts.push_back({"best", best});
    panel.facts.push_back(
        {"time", rt::durationText(epoch.step.seconds) + ", " +
                     std::to_string(epoch.step.epoch) +
                     (epoch.step.epoch == 1 ? " epoch, " : " epochs, ") +
                     std::to_string(int64_t(epoch.step.samplesPerSecond)) +
                     " samples/s"});
    if (auto found = run().steps.find("loss"); found != run().steps.end())
      for (auto [step, loss] : found->second)
        panel.losses.push_back(loss);
  }

  // Of the number that people look at first.
  std::string bestText() {
    std::string what = rt::chosenNumber(rt::namesIn(run()));
    auto found = run().epochs.find(what);
    if (found == run().epochs.end() || found->second.size() < 2)
      return "";
    auto [epoch, best] = rt::bestOf(what, found->second);
    return what + " " + rt::valueText(what, best) + " after epoch " +
           std::to_string(int64_t(epoch));
  }

  void addFiles(Panel &panel, const rt::TrainSummary &summary) {
    auto add = [&](const char *name, const std::string &file) {
      if (!file.empty())
        panel.files.push_back({name, file});
    };
    add("weights", summary.saved ? summary.checkpoint : "");
    add("best", runOptions.keepBest);
    add("plain", runOptions.saveWeights);
    add("log", runOptions.metrics);
    add("report", files.report);
    add("table", files.csv);
    add("events", files.tensorboard);
  }

  // Commands that work as they stand here.
  void addNext(Panel &panel, const rt::TrainSummary &summary) {
    std::string net = shellWord(graph.graph);
    auto option = [&](const char *name, const std::string &value) {
      if (!value.empty())
        net += std::string(" ") + name + " " + shellWord(value);
    };
    for (const std::string &plugin : graph.plugins)
      option("--plugin", plugin);
    for (const std::string &setting : graph.settings)
      option("--set", setting);
    option("--function", graph.entry == "main" ? "" : graph.entry);
    net += graph.allowBytecode ? " --allow-bytecode" : "";
    std::string compiled = net; // with what it was trained for
    for (const std::string &loss : graph.losses)
      net += " --loss " + shellWord(loss);
    for (const std::string &metric : graph.metrics)
      net += " --metric " + shellWord(metric);
    std::string source;
    if (runOptions.data != "auto")
      source += " --data " + shellWord(runOptions.data);
    if (!runOptions.map.empty())
      source += " --map " + shellWord(runOptions.map);
    std::string weights;
    if (summary.checkpoint != data.title + ".ckpt.safetensors")
      weights = " -w " + shellWord(summary.checkpoint);
    auto add = [&](const char *why, const std::string &command) {
      panel.next.push_back({why, "gradmill " + command});
    };
    if (summary.saved && graph.graph != "-" && summary.interrupted) {
      add("go on", "train " + compiled + source + " --resume " +
                       shellWord(summary.checkpoint));
    } else if (summary.saved && graph.graph != "-") {
      bool classes = false;
      for (const rt::PortSpec &port : model->manifest().ports)
        classes |= port.role == rt::PortRole::Target && port.classes > 0;
      add(classes ? "which classes are mixed up" : "measure it again",
          "eval " + net + source + weights +
              (classes ? " --per-class --confusion" : ""));
      if (canReadGraph() && rt::classifierOf(*model))
        add("where it looks", "explain " + compiled + source + weights);
    }
    if (files.report.empty() && !runOptions.metrics.empty() && canReadGraph())
      add("a page about this run", "report " + shellWord(runOptions.metrics));
  }

  RecordOptions files;
  GraphOptions graph;
  const rt::Model *model = nullptr;
  const rt::DatasetSplit *samples = nullptr;
  rt::TrainOptions runOptions;
  ReportData data;
  std::unique_ptr<TensorboardFile> tensorboard;
  double writtenAt = 0, epochAt = timeNow();
  bool finished = false;
  rt::Status failed; // the first error of writing
};
} // namespace

std::unique_ptr<rt::RunRecorder> makeRecorder(RecordOptions options,
                                              GraphOptions graph) {
  return std::make_unique<Recorder>(std::move(options), std::move(graph));
}

} // namespace gradmill::cli
