#include "Collect.h"
#include "Report.h"
#include "../advise/Advise.h"
#include "../explain/Samples.h"
#include "../explain/Sheet.h"
#include "../explain/Subject.h"
#include "../Session.h"
#include "../TimedModel.h"
#include "../summary/Describe.h"
#include "compiler/Version.h"
#include "core/Affinity.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include <numeric>
#include <sys/utsname.h>

using llvm::StringRef;

namespace gradmill::cli {
namespace {

template <typename T> Part<T> missing(const std::string &what, const rt::Error &error) {
  return {std::nullopt, error.message.empty() ? what + ": gradmill summary says why"
                                              : what + ": " + error.message};
}

std::vector<nn::EpochRecord> recordsOf(const rt::LoggedRun &run) {
  std::map<int64_t, nn::EpochRecord> records;
  for (const auto &[name, points] : run.epochs)
    for (auto [epoch, value] : points)
      if (epoch >= 0 && epoch < 1e15)
        records[int64_t(epoch)].values[name] = value;
  for (const auto &[name, epochs] : run.lost)
    for (double epoch : epochs)
      if (epoch >= 0 && epoch < 1e15)
        records[int64_t(epoch)].values[name] =
            std::numeric_limits<double>::quiet_NaN();
  std::vector<nn::EpochRecord> list;
  for (auto &[number, record] : records) {
    record.number = number;
    list.push_back(std::move(record));
  }
  return list;
}

//===-- What the weights do ---------------------------------------------------===//

// With the maps of Grad-CAM; of a net without a layer that gives a picture, with
// those of its input.
rt::Result<std::unique_ptr<Subject>> subjectOf(ExplainCommand &c) {
  auto subject = compileSubject(c);
  if (subject || subject.error().code != "unknown_layer")
    return subject;
  c.method = "saliency";
  return compileSubject(c);
}

Answers answersOf(const Subject &subject, const TestSamples &samples,
                  const std::vector<Verdict> &verdicts) {
  Answers answers;
  answers.classes = subject.classes();
  answers.names = samples.classNames();
  answers.counts.resize(size_t(answers.classes * answers.classes));
  for (const Verdict &v : verdicts)
    if (v.label >= 0 && v.label < answers.classes) {
      ++answers.counts[size_t(v.label * answers.classes + v.predicted)];
      answers.mistakes += v.label != v.predicted;
    }
  answers.rows = byClass(verdicts, answers.classes);
  answers.calibration = calibrate(verdicts);
  return answers;
}

rt::Status addPictures(Subject &subject, const Sample &sample, WrongSample &wrong,
                       std::string &noMaps) {
  const std::vector<int64_t> &shape = subject.image().shape;
  Canvas picture = pictureOf(subject.pictureOf(sample), shape[0], shape[1], shape[2]);
  wrong.height = shape[1], wrong.width = shape[2];
  constexpr int64_t kSide = 224; // a page is no archive of pictures
  int64_t factor = (std::max(shape[1], shape[2]) + kSide - 1) / kSide;
  auto encoded = [&](Canvas canvas) {
    return (factor > 1 ? canvas.shrunk(factor) : canvas).png();
  };
  auto bytes = encoded(picture);
  if (!bytes)
    return bytes.error();
  wrong.picture = std::move(*bytes);
  if (!noMaps.empty())
    return rt::ok;
  auto map = subject.explain(sample, wrong.verdict.predicted);
  if (!map) {
    noMaps = map.error().message;
    return rt::ok;
  }
  auto heat = encoded(overlay(picture, scaled(resized(*map, shape[1], shape[2]))));
  if (!heat)
    return heat.error();
  wrong.map = std::move(*heat);
  return rt::ok;
}

// The surest mistakes first.
rt::Status addWrong(Subject &subject, TestSamples &samples,
                    std::vector<Verdict> verdicts, int64_t count, Answers &answers) {
  std::erase_if(verdicts,
                [](const Verdict &v) { return v.label < 0 || v.label == v.predicted; });
  llvm::sort(verdicts, [](const Verdict &a, const Verdict &b) {
    return std::pair(-a.likelihood, a.index) < std::pair(-b.likelihood, b.index);
  });
  verdicts.resize(std::min<size_t>(verdicts.size(), size_t(count)));
  llvm::DenseSet<int64_t> indices;
  for (const Verdict &v : verdicts)
    indices.insert(v.index);
  auto taken = samples.take(indices);
  if (!taken)
    return taken.error();
  llvm::DenseMap<int64_t, const Sample *> byIndex;
  for (const Sample &sample : *taken)
    byIndex[sample.index] = &sample;
  for (const Verdict &v : verdicts) {
    WrongSample wrong;
    wrong.verdict = v;
    if (auto error = addPictures(subject, *byIndex[v.index], wrong, answers.noMaps))
      return error;
    answers.wrong.push_back(std::move(wrong));
  }
  return rt::ok;
}

//===-- The machine -------------------------------------------------------------===//

// The value of "NAME = value" or "NAME: value" in a file of the system.
std::string lineOf(const char *file, StringRef name, char separator) {
  auto buffer = llvm::MemoryBuffer::getFileAsStream(file);
  if (!buffer)
    return "";
  StringRef rest = (*buffer)->getBuffer();
  while (!rest.empty()) {
    auto [line, next] = rest.split('\n');
    rest = next;
    auto [key, value] = line.split(separator);
    if (key.trim() == name)
      return value.trim().trim('"').str();
  }
  return "";
}

std::string machineText() {
  std::string cpu = lineOf("/proc/cpuinfo", "model name", ':');
  if (cpu.empty())
    cpu = llvm::sys::getHostCPUName().str();
  size_t cores = rt::allowedProcessors().size();
  return cpu + ", " + std::to_string(cores) + (cores == 1 ? " core" : " cores");
}

std::string systemText() {
  utsname name{};
  uname(&name);
  std::string system = lineOf("/etc/os-release", "PRETTY_NAME", '=');
  return (system.empty() ? "" : system + ", ") + name.sysname + " " + name.release +
         " " + name.machine;
}

} // namespace

Part<Summary> collectGraph(const GraphOptions &graph) {
  SummaryCommand c;
  c.graph = graph;
  auto summary = summaryOf(c, graph.graph);
  if (!summary)
    return missing<Summary>("the graph cannot be described", summary.error());
  return {std::move(*summary), ""};
}

Part<std::vector<Finding>> collectAdvice(const GraphOptions &graph,
                                         const rt::LoggedRun &run) {
  auto findings = adviceOn(graph, recordsOf(run));
  if (!findings)
    return missing<std::vector<Finding>>("there is no advice", findings.error());
  return {std::move(*findings), ""};
}

Part<Answers> collectAnswers(const GraphOptions &graph, const std::string &weights,
                             const rt::Dataset &test, const std::string &map,
                             int threads, int64_t pictures) {
  const std::string what = "what the net makes of the test samples";
  ExplainCommand c;
  c.graph = graph;
  c.graph.batch.reset();
  c.weights = weights;
  c.threads = threads;
  auto subject = subjectOf(c);
  if (!subject)
    return missing<Answers>(what, subject.error());
  auto samples = TestSamples::create(**subject, test, map);
  if (!samples)
    return missing<Answers>(what, samples.error());
  if (!samples->hasLabels())
    return {std::nullopt, what + ": the data has no class numbers"};
  auto verdicts = samples->judge();
  if (!verdicts)
    return missing<Answers>(what, verdicts.error());
  Answers answers = answersOf(**subject, *samples, *verdicts);
  if (auto error = addWrong(**subject, *samples, std::move(*verdicts), pictures, answers))
    return missing<Answers>(what, *error);
  if (answers.noMaps.empty())
    answers.maps = c.method == "gradcam"
                       ? "Grad-CAM map at " + (*subject)->prepared().layer
                       : "saliency map of the input";
  return {std::move(answers), ""};
}

Part<Speed> collectSpeed(const GraphOptions &options, int threads) {
  const std::string what = "the times of kernels";
  GraphOptions graph = options;
  graph.clocks = true; // of each kernel of a merged loop
  auto library = compileCached(graph);
  if (!library)
    return missing<Speed>(what, library.error());
  auto timed = timeModel(library->path(), threads);
  if (!timed)
    return missing<Speed>(what, timed.error());
  const rt::EntrySpec &spec = *timed->entry;
  const rt::StepTimes &times = timed->times;
  Speed speed{spec.does,  times.peak.isa, spec.batch, times.threads,
              times.step, times.between,  times.peak.gflops, 0, {}};
  double macs = 0;
  for (auto [kernel, time] : llvm::zip(spec.kernels, times.kernels)) {
    KernelRow row{kernel.name, kernel.at, kernel.schedule, time.seconds,
                  time.seconds / times.step, 0, 0};
    if (kernel.macs && time.seconds > 0)
      row.gflops = 2e-9 * double(kernel.macs) / time.seconds;
    row.peak = speed.peakGflops > 0 ? row.gflops / speed.peakGflops : 0;
    macs += double(kernel.macs);
    speed.kernels.push_back(std::move(row));
  }
  speed.ofBound =
      speed.peakGflops > 0 ? 2e-9 * macs / speed.peakGflops / speed.step : 0;
  llvm::sort(speed.kernels, [](const KernelRow &a, const KernelRow &b) {
    return std::tie(b.seconds, a.name) < std::tie(a.seconds, b.name);
  });
  return {std::move(speed), ""};
}

std::vector<OwnSection> collectSections(const GraphOptions &graph) {
  std::vector<OwnSection> sections;
  Session session; // the plugins stay loaded after it
  if (graph.plugins.empty() || session.start(graph.plugins, /*quiet=*/true))
    return sections; // who reads the graph says why
  for (const ReportSection &section : session.registry().reportSections())
    sections.push_back({section.name, section.title,
                        [body = section.body](const rt::LoggedRun &run) {
                          return body({run.name, run.epochs, run.steps,
                                       rt::factsOf(run)});
                        }});
  return sections;
}

std::string shellWord(const std::string &word) {
  constexpr const char *kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789_-+=./,:@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos)
    return word;
  std::string text = "'";
  for (char c : word)
    text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

std::string aboutRun(const std::vector<std::string> &command,
                     const GraphOptions &graph) {
  std::string words;
  for (const std::string &word : command)
    words += (words.empty() ? "" : " ") + shellWord(word);
  llvm::SmallString<128> folder;
  (void)llvm::sys::fs::current_path(folder);
  rt::Json about = rt::Json::object({{"command", words},
                                     {"folder", folder.str().str()},
                                     {"graph", graph.graph},
                                     {"version", "gradmill " GRADMILL_VERSION},
                                     {"machine", machineText()},
                                     {"system", systemText()}});
  if (!graph.settings.empty())
    about["set"] = rt::Json(graph.settings);
  if (!graph.plugins.empty())
    about["plugins"] = rt::Json(graph.plugins);
  return rt::jsonText(about);
}

} // namespace gradmill::cli
