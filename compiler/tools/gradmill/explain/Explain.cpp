// `gradmill explain`: why a net says what it says. Maps of single pictures, the
// pictures that it is most and least sure of and those that it gets wrong,
// activations, filters, and whether its likelihoods hold.
#include "Sheet.h"
#include "Subject.h"
#include "core/Json.h"
#include "data/Image.h"
#include "files/Output.h"
#include "report/Terminal.h"
#include "tools/Data.h"
#include "tools/RawInput.h"
#include "train/Evaluate.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gradmill::cli {
namespace {

constexpr int64_t kSide = 112; // pixels of a picture on a sheet
constexpr int64_t kColumns = 4;
// Of channels and filters; a sheet of more is no picture any more.
constexpr int64_t kMostChannels = 512, kMostFilters = 256;

rt::Result<std::unique_ptr<Subject>> compileSubject(const ExplainCommand &c) {
  Session session;
  if (auto error = session.start(c.graph.plugins))
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
  for (const std::string &port : {prepared->layerPort, prepared->activationsPort})
    if (!port.empty() && graph.gradients.find(port) == std::string::npos)
      graph.gradients += "," + port;
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

//===-- Samples ---------------------------------------------------------------===//

// Pictures, or files of normalized samples.
rt::Result<std::vector<Sample>> readImages(const Subject &subject,
                                           const ExplainCommand &c) {
  const rt::PortSpec &port = subject.image();
  std::vector<Sample> samples;
  for (const std::string &path : c.images) {
    Sample sample;
    sample.name = llvm::sys::path::filename(path).str();
    sample.index = int64_t(samples.size());
    sample.values.resize(port.elements);
    if (StringRef(path).ends_with(".npy")) {
      auto values = rt::readPort(path, port);
      if (!values)
        return values.error();
      for (size_t at = 0; at < values->size(); at += port.bytes()) {
        std::memcpy(sample.values.data(), values->data() + at, port.bytes());
        sample.index = int64_t(samples.size());
        samples.push_back(sample);
      }
      continue;
    }
    auto picture = rt::readPng(path);
    if (!picture)
      return picture.error();
    auto bytes =
        rt::preprocessImage(port.preprocess, *picture, path, int(port.shape[0]),
                            int(port.shape[1]), int(port.shape[2]));
    if (!bytes)
      return bytes.error();
    rt::Model::normalize(port, bytes->data(), sample.values.data());
    samples.push_back(std::move(sample));
  }
  return samples;
}

// The test samples of a data set, and what the net says of each.
struct TestSet {
  std::vector<Verdict> verdicts;
  std::vector<Sample> kept; // those that were asked for, by index

  const Sample *find(int64_t index) const {
    for (const Sample &sample : kept)
      if (sample.index == index)
        return &sample;
    return nullptr;
  }
};

const rt::Column *labelsOf(const rt::Dataset &data, int64_t classes) {
  for (const rt::Column &column : data.columns)
    if (column.target && column.shape.empty() && column.classes > 0 &&
        column.classes <= classes)
      return &column;
  return nullptr;
}

// Calls `each` with every sample in order, a batch at a time.
rt::Status forEachBatch(
    const Subject &subject, const rt::Dataset &data, const ExplainCommand &c,
    llvm::function_ref<rt::Status(const float *, int64_t first, int64_t count,
                                  const int32_t *labels)>
        each,
    const rt::PortSpec *labelPort, rt::Model &model) {
  auto columns = rt::columnsByMap(data, {&subject.image()}, c.map, model.manifest());
  if (!columns)
    return columns.error();
  if (labelPort)
    columns->push_back({labelPort, labelsOf(data, subject.classes())});
  rt::LoaderOptions options;
  options.batch = 256;
  options.shuffle = options.dropLast = false;
  options.prefetch = 0;
  auto loader = rt::Loader::create(data, *columns, options);
  if (!loader)
    return loader.error();
  (*loader)->start(0);
  int64_t first = 0;
  while (const rt::Batch *batch = (*loader)->next()) {
    const auto *labels =
        labelPort ? static_cast<const int32_t *>(batch->at(1)) : nullptr;
    if (auto error = each(static_cast<const float *>(batch->at(0)), first,
                          batch->valid, labels))
      return error;
    first += batch->valid;
  }
  return rt::ok;
}

rt::PortSpec labelPort(int64_t classes) {
  rt::PortSpec port;
  port.name = "label";
  port.role = rt::PortRole::Target;
  port.dtype = rt::DType::I32;
  port.classes = classes;
  return port;
}

//===-- What is shown ----------------------------------------------------------===//

struct Group {
  std::string name, title;
  std::vector<int64_t> samples; // indices
};

// By likelihood; of equals the first.
std::vector<Group> groupsOf(std::vector<Verdict> verdicts, int64_t count) {
  auto take = [&](const char *name, const char *title, bool descending,
                  auto isMeant) {
    llvm::stable_sort(verdicts, [&](const Verdict &a, const Verdict &b) {
      return std::pair(descending ? -a.likelihood : a.likelihood, a.index) <
             std::pair(descending ? -b.likelihood : b.likelihood, b.index);
    });
    Group group{name, title, {}};
    for (const Verdict &v : verdicts)
      if (int64_t(group.samples.size()) < count && isMeant(v))
        group.samples.push_back(v.index);
    return group;
  };
  return {take("most-confident", "the samples that the net is most sure of", true,
               [](const Verdict &) { return true; }),
          take("least-confident", "the samples that the net is least sure of", false,
               [](const Verdict &) { return true; }),
          take("misclassified", "the surest mistakes", true, [](const Verdict &v) {
            return v.label >= 0 && v.label != v.predicted;
          })};
}

class Report {
public:
  Report(Subject &subject, const ExplainCommand &c) : subject(subject), c(c) {}

  // A picture, its map, and what the net says; a file of its own if `file` has a
  // name.
  rt::Result<Cell> explain(const Sample &sample, const Verdict &verdict,
                           const std::string &file) {
    int64_t ofClass = c.ofClass >= 0 ? c.ofClass : verdict.predicted;
    auto map = subject.explain(sample, ofClass);
    if (!map)
      return map.error();
    const std::vector<int64_t> &shape = subject.image().shape;
    Canvas picture = cli::pictureOf(subject.pictureOf(sample), shape[0], shape[1],
                                    shape[2]);
    Canvas heat = overlay(picture, scaled(resized(*map, shape[1], shape[2])));
    if (map->isZero())
      llvm::errs() << rt::printable(
          "note: the map of " + sample.name + " is 0 everywhere: " +
          (subject.prepared().layer.empty() ? "nothing"
                                            : "no channel of " +
                                                  subject.prepared().layer) +
          " speaks for class " + std::to_string(ofClass) + "\n");
    if (c.json)
      add(sample, verdict, ofClass, *map);
    Cell cell;
    std::string line = std::to_string(verdict.predicted) + " " +
                       llvm::formatv("{0:f1}%", 100 * verdict.likelihood).str();
    cell.lines = {sample.name, line};
    if (verdict.label >= 0 && verdict.label != verdict.predicted)
      cell.lines.push_back("label " + std::to_string(verdict.label) + " " +
                           llvm::formatv("{0:f1}%", 100 * verdict.ofLabel).str());
    cell.pictures = {std::move(picture), std::move(heat)};
    if (!file.empty())
      if (auto error = save(contactSheet({cell}, 1, 2 * kSide), file))
        return *error;
    return cell;
  }

  rt::Status activations(const Sample &sample, const std::string &file) {
    ChannelMaps shape;
    auto values = subject.activations(sample, shape);
    if (!values)
      return values.error();
    std::vector<Cell> cells;
    for (int64_t channel = 0; channel < std::min(shape.channels, kMostChannels);
         ++channel)
      cells.push_back({{grayOf(values->data() + channel * shape.height * shape.width,
                               shape.height, shape.width)},
                       {std::to_string(channel)}});
    return save(contactSheet(std::move(cells), shape.channels > 64 ? 16 : 8, 64), file);
  }

  // A picture for each filter, of three input channels in colour, else for each
  // of its channels, up to eight.
  rt::Status filters() {
    const rt::Tensor *tensor =
        subject.model().tensor(subject.prepared().filtersParameter);
    if (!tensor)
      return rt::Error{rt::kInternal, "internal", "the model has no such filter"};
    const std::vector<int64_t> &shape = tensor->spec->shape;
    const auto *values = static_cast<const float *>(tensor->data);
    int64_t pixels = shape[2] * shape[3];
    std::vector<Cell> cells;
    for (int64_t f = 0; f < std::min(shape[0], kMostFilters); ++f) {
      const float *filter = values + f * shape[1] * pixels;
      Cell cell{{}, {std::to_string(f)}};
      if (shape[1] == 3)
        cell.pictures.push_back(colours(filter, shape[2], shape[3]));
      else
        for (int64_t channel = 0; channel < std::min<int64_t>(shape[1], 8); ++channel)
          cell.pictures.push_back(
              grayOf(filter + channel * pixels, shape[2], shape[3]));
      cells.push_back(std::move(cell));
    }
    return save(contactSheet(std::move(cells),
                             shape[1] == 1 || shape[1] == 3 ? 8 : 2, 48),
                "filters.png");
  }

  rt::Status save(const Canvas &canvas, const std::string &file) {
    return saveWith(file, [&](const std::string &path) { return canvas.save(path); });
  }
  rt::Status saveText(const std::string &text, const std::string &file) {
    return saveWith(file, [&](const std::string &path) {
      return rt::writeFile(path, {text});
    });
  }

  rt::Json samples = rt::Json::array(), files = rt::Json::array();

private:
  rt::Status saveWith(const std::string &file,
                      llvm::function_ref<rt::Status(const std::string &)> write) {
    llvm::SmallString<128> path(c.folder);
    llvm::sys::path::append(path, file);
    if (auto error = write(path.str().str()))
      return error;
    files.push_back(rt::Json(path.str().str()));
    if (!c.json)
      llvm::outs() << "wrote " << rt::printable(path.str().str()) << "\n";
    return rt::ok;
  }

  static Canvas colours(const float *filter, int64_t height, int64_t width) {
    int64_t count = 3 * height * width;
    auto [least, most] = std::minmax_element(filter, filter + count);
    std::vector<float> values;
    for (int64_t i = 0; i < count; ++i)
      values.push_back(*most > *least ? (filter[i] - *least) / (*most - *least) : 0);
    return cli::pictureOf(values, 3, height, width);
  }

  void add(const Sample &sample, const Verdict &verdict, int64_t ofClass,
           const PixelMap &map) {
    rt::Json object = rt::Json::object({{"sample", sample.name},
                                        {"predicted", verdict.predicted},
                                        {"likelihood", verdict.likelihood},
                                        {"class", ofClass},
                                        {"height", map.height},
                                        {"width", map.width},
                                        {"map", map.values}});
    if (verdict.label >= 0)
      object["label"] = verdict.label;
    samples.push_back(std::move(object));
  }

  Subject &subject;
  const ExplainCommand &c;
};

rt::Status checkClass(const Subject &subject, const ExplainCommand &c) {
  if (c.ofClass < subject.classes())
    return rt::ok;
  return rt::Error{rt::kUsage, "bad_label",
                   "--class " + std::to_string(c.ofClass) +
                       ": the net has the classes 0 to " +
                       std::to_string(subject.classes() - 1)};
}

// "seven.png" of "seven.png", "sample-3.png" of others.
std::string fileFor(const Sample &sample, size_t index) {
  StringRef stem = llvm::sys::path::stem(sample.name);
  return (stem.empty() ? "sample" : stem.str()) + "-" + std::to_string(index) +
         ".png";
}

rt::Status explainImages(Subject &subject, const ExplainCommand &c,
                         Report &report) {
  auto samples = readImages(subject, c);
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
    auto cell = report.explain(sample, verdict, fileFor(sample, index));
    if (!cell)
      return cell.error();
    if (!c.activations.empty())
      if (auto error =
              report.activations(sample, "activations-" + fileFor(sample, index)))
        return error;
  }
  return rt::ok;
}

rt::Status explainData(Subject &subject, const ExplainCommand &c, Report &report,
                       rt::Json &json) {
  auto data = rt::openDataFor(c.data, c.dataCache, c.download, rt::kMaxUnpack, c.json);
  if (!data)
    return data.error();
  const rt::Dataset &test = data->test;
  rt::PortSpec port = labelPort(subject.classes());
  const rt::PortSpec *labels =
      labelsOf(test, subject.classes()) ? &port : nullptr;
  TestSet set;
  int64_t width = int64_t(subject.image().elements);
  auto judge = [&](const float *images, int64_t first, int64_t count,
                   const int32_t *known) -> rt::Status {
    auto rows = subject.likelihoods(images, count);
    if (!rows)
      return rows.error();
    for (int64_t i = 0; i < count; ++i)
      set.verdicts.push_back(subject.judge(rows->data() + i * subject.classes(),
                                           first + i, known ? known[i] : -1));
    return rt::ok;
  };
  if (auto error =
          forEachBatch(subject, test, c, judge, labels, subject.model()))
    return error;
  std::vector<Group> groups = groupsOf(set.verdicts, c.count);
  // Once more, to keep what is shown alone.
  llvm::DenseSet<int64_t> shown;
  for (const Group &group : groups)
    shown.insert(group.samples.begin(), group.samples.end());
  auto keep = [&](const float *images, int64_t first, int64_t count,
                  const int32_t *known) -> rt::Status {
    for (int64_t i = 0; i < count; ++i)
      if (shown.contains(first + i))
        set.kept.push_back({"test " + std::to_string(first + i), first + i,
                            known ? known[i] : -1,
                            {images + i * width, images + (i + 1) * width}});
    return rt::ok;
  };
  if (auto error = forEachBatch(subject, test, c, keep, labels, subject.model()))
    return error;
  if (labels) {
    Calibration calibration = calibrate(set.verdicts);
    std::vector<ClassRow> classes = byClass(set.verdicts, subject.classes());
    if (auto error = report.saveText(reliabilityDiagram(calibration),
                                     "reliability.svg"))
      return error;
    if (!c.json)
      llvm::outs() << classText(classes) << "\n" << calibrationText(calibration);
    json["expected_calibration_error"] = calibration.ece;
    json["accuracy"] = calibration.accuracy;
    json["likelihood"] = calibration.likelihood;
    rt::Json bins = rt::Json::array(), rows = rt::Json::array();
    for (const Bin &bin : calibration.bins)
      bins.push_back(rt::Json::object({{"low", bin.low},
                                       {"high", bin.high},
                                       {"samples", bin.samples},
                                       {"likelihood", bin.likelihood},
                                       {"accuracy", bin.accuracy}}));
    for (const ClassRow &row : classes)
      rows.push_back(rt::Json::object({{"class", row.label},
                                       {"samples", row.samples},
                                       {"right", row.right},
                                       {"likelihood", row.ofLabel},
                                       {"taken_for", row.takenFor},
                                       {"times", row.times}}));
    json["reliability"] = std::move(bins);
    json["classes"] = std::move(rows);
  }
  for (const Group &group : groups) {
    std::vector<Cell> cells;
    for (int64_t index : group.samples) {
      auto cell = report.explain(*set.find(index), set.verdicts[size_t(index)], "");
      if (!cell)
        return cell.error();
      cells.push_back(std::move(*cell));
    }
    if (cells.empty())
      continue;
    if (auto error = report.save(contactSheet(std::move(cells), kColumns, kSide),
                                 group.name + ".png"))
      return error;
  }
  if (!c.activations.empty() && !set.kept.empty())
    return report.activations(set.kept.front(), "activations.png");
  return rt::ok;
}
} // namespace

rt::Status explainGraph(const ExplainCommand &c) {
  auto subject = compileSubject(c);
  if (!subject)
    return subject.error();
  if (auto error = checkClass(**subject, c))
    return error;
  if (auto error = llvm::sys::fs::create_directories(c.folder))
    return rt::Error{rt::kIo, "directory_unwritable",
                     c.folder + ": cannot make the folder: " + error.message()};
  Report report(**subject, c);
  rt::Json json = rt::Json::object({{"method", c.method},
                                    {"layer", (*subject)->prepared().layer}});
  rt::Status status = c.images.empty() ? explainData(**subject, c, report, json)
                                       : explainImages(**subject, c, report);
  if (status)
    return status;
  if (!c.filters.empty())
    if (auto error = report.filters())
      return error;
  if (c.json) {
    json["samples"] = std::move(report.samples);
    json["files"] = std::move(report.files);
    llvm::outs() << rt::jsonText(json, 2) << "\n";
  }
  return flushOutput();
}

} // namespace gradmill::cli
