// `gradmill explain`: why a net says what it says. Maps of single pictures, the
// pictures that it is most and least sure of and those that it gets wrong,
// activations, filters, and whether its likelihoods hold.
#include "Report.h"
#include "Samples.h"
#include "report/Terminal.h"
#include "tools/Data.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill::cli {

rt::Result<std::unique_ptr<Subject>> compileSubject(const ExplainCommand &c) {
  Session session;
  if (auto error = session.start(c.graph.plugins, c.graph.quiet))
    return *error;
  GraphOptions graph = c.graph;
  graph.train = false;
  graph.losses.clear();
  if (!graph.batch)
    graph.batch = 16;
  auto module = session.load(graph);
  if (!module)
    return module.error();
  auto func = (**module).lookupSymbol<func::FuncOp>(graph.entry);
  if (!func)
    return rt::Error{rt::kBadInput, "no_entry",
                     graph.graph + ": the graph has no function @" + graph.entry};
  if (func.getArgumentTypes().size() == 1)
    if (auto type = dyn_cast<RankedTensorType>(func.getArgumentTypes()[0]);
        type && !type.isDynamicDim(0) && !c.graph.batch)
      graph.batch = type.getDimSize(0);
  auto prepared = prepare(**module, func, c);
  if (!prepared)
    return prepared.error();
  graph.gradients = prepared->image;
  if (!prepared->layerPort.empty())
    graph.gradients += "," + prepared->layerPort;
  if (!prepared->activationsPort.empty() &&
      prepared->activationsPort != prepared->layerPort)
    graph.gradients += "," + prepared->activationsPort;
  CompileOptions options = compileOptions(graph, session.host().plugins());
  if (auto error = checkOptions(options, session.registry()))
    return *error;
  auto result =
      compile(**module, options, session.registry(), Emit::SharedLibrary);
  if (!result)
    return toError(result.takeError(), rt::kBadInput);
  auto library = linkTemporary(options.name, result->objects);
  if (!library)
    return library.error();
  return Subject::create(*library, std::move(*prepared), c);
}

namespace {

//===-- What is shown ----------------------------------------------------------===//

struct Group {
  std::string file;
  std::vector<int64_t> samples; // indices
};

// By likelihood; of equals the first.
std::vector<Group> groupsOf(std::vector<Verdict> verdicts, int64_t count) {
  auto take = [&](const char *file, bool descending, auto isMeant) {
    llvm::stable_sort(verdicts, [&](const Verdict &a, const Verdict &b) {
      return std::pair(descending ? -a.likelihood : a.likelihood, a.index) <
             std::pair(descending ? -b.likelihood : b.likelihood, b.index);
    });
    Group group{file, {}};
    for (const Verdict &v : verdicts)
      if (int64_t(group.samples.size()) < count && isMeant(v))
        group.samples.push_back(v.index);
    return group;
  };
  auto all = [](const Verdict &) { return true; };
  auto wrong = [](const Verdict &v) {
    return v.label >= 0 && v.label != v.predicted;
  };
  return {take("most-confident.png", true, all),
          take("least-confident.png", false, all),
          take("misclassified.png", true, wrong)};
}

rt::Status checkClass(const Subject &subject, const ExplainCommand &c) {
  if (c.ofClass < subject.classes())
    return rt::ok;
  return rt::Error{rt::kUsage, "bad_label",
                   "--class " + std::to_string(c.ofClass) +
                       ": the net has the classes 0 to " +
                       std::to_string(subject.classes() - 1)};
}

// "seven-0.png" of the first sample, "seven.png".
std::string fileFor(const Sample &sample, size_t index) {
  StringRef stem = llvm::sys::path::stem(sample.name);
  return (stem.empty() ? "sample" : stem.str()) + "-" + std::to_string(index) +
         ".png";
}

rt::Status explainImages(Subject &subject, const ExplainCommand &c,
                         Report &report) {
  auto samples = readImages(subject, c.images);
  if (!samples)
    return samples.error();
  for (auto [index, sample] : llvm::enumerate(*samples)) {
    auto row = subject.likelihoods(sample.values.data(), 1);
    if (!row)
      return row.error();
    Verdict verdict = subject.judge(row->data(), sample.index, -1);
    if (!c.json)
      llvm::outs() << rt::printable(sample.name) << ": class " << verdict.predicted
                   << ", likelihood "
                   << llvm::formatv("{0:f4}", verdict.likelihood) << "\n";
    auto cell = report.explain(sample, verdict);
    if (!cell)
      return cell.error();
    std::string file = fileFor(sample, index);
    if (auto error = report.single(std::move(*cell), file))
      return error;
    if (!c.activations.empty())
      if (auto error = report.activations(sample, "activations-" + file))
        return error;
  }
  return rt::ok;
}

rt::Status explainData(Subject &subject, const ExplainCommand &c, Report &report) {
  auto data = rt::openDataFor(c.data, c.dataCache, c.download, rt::kMaxUnpack, c.json);
  if (!data)
    return data.error();
  auto test = TestSamples::create(subject, data->test, c.map);
  if (!test)
    return test.error();
  auto verdicts = test->judge();
  if (!verdicts)
    return verdicts.error();
  if (test->hasLabels())
    if (auto error = report.likelihoods(*verdicts))
      return error;
  std::vector<Group> groups = groupsOf(*verdicts, c.count);
  llvm::DenseSet<int64_t> shown;
  for (const Group &group : groups)
    shown.insert(group.samples.begin(), group.samples.end());
  auto samples = test->take(shown);
  if (!samples)
    return samples.error();
  llvm::DenseMap<int64_t, const Sample *> byIndex;
  for (const Sample &sample : *samples)
    byIndex[sample.index] = &sample;
  for (const Group &group : groups) {
    std::vector<Cell> cells;
    for (int64_t index : group.samples) {
      auto cell = report.explain(*byIndex[index], (*verdicts)[size_t(index)]);
      if (!cell)
        return cell.error();
      cells.push_back(std::move(*cell));
    }
    if (!cells.empty())
      if (auto error = report.sheet(std::move(cells), group.file))
        return error;
  }
  if (!c.activations.empty() && !groups.front().samples.empty())
    return report.activations(*byIndex[groups.front().samples.front()],
                              "activations.png");
  return rt::ok;
}
} // namespace

rt::Status explainGraph(const ExplainCommand &c) {
  auto subject = compileSubject(c);
  if (!subject)
    return subject.error();
  if (auto error = checkClass(**subject, c))
    return error;
  Report report(**subject, c);
  if (auto error = c.images.empty() ? explainData(**subject, c, report)
                                    : explainImages(**subject, c, report))
    return error;
  if (!c.filters.empty())
    if (auto error = report.filters())
      return error;
  if (c.json)
    llvm::outs() << report.json();
  return flushOutput();
}

} // namespace gradmill::cli
