#include "Report.h"
#include "files/Output.h"
#include "report/Terminal.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

namespace gradmill::cli {

namespace {
constexpr int64_t kSide = 112; // pixels of a picture on a sheet
constexpr int64_t kColumns = 4;
// Of channels and filters; a sheet of more is no picture any more.
constexpr int64_t kMostChannels = 512, kMostFilters = 256;

std::string percent(double likelihood) {
  return llvm::formatv("{0:f1}%", 100 * likelihood).str();
}

Canvas coloursOf(const float *filter, int64_t height, int64_t width) {
  int64_t count = 3 * height * width;
  auto [least, most] = std::minmax_element(filter, filter + count);
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(*most > *least ? (filter[i] - *least) / (*most - *least) : 0);
  return pictureOf(values, 3, height, width);
}

std::vector<std::string> captionOf(const Sample &sample, const Verdict &verdict) {
  std::vector<std::string> lines{sample.name, std::to_string(verdict.predicted) +
                                                  " " + percent(verdict.likelihood)};
  if (verdict.label >= 0 && verdict.label != verdict.predicted)
    lines.push_back("label " + std::to_string(verdict.label) + " " +
                    percent(verdict.ofLabel));
  return lines;
}
} // namespace

//===-- Pictures ------------------------------------------------------------===//

rt::Result<Cell> Report::explain(const Sample &sample, const Verdict &verdict) {
  int64_t ofClass =
      command.ofClass >= 0 ? command.ofClass : verdict.predicted;
  auto map = subject.explain(sample, ofClass);
  if (!map)
    return map.error();
  const std::vector<int64_t> &shape = subject.image().shape;
  Canvas picture =
      pictureOf(subject.pictureOf(sample), shape[0], shape[1], shape[2]);
  Canvas heat = overlay(picture, scaled(resized(*map, shape[1], shape[2])));
  const std::string &layer = subject.prepared().layer;
  if (map->isZero())
    llvm::errs() << rt::printable("note: the map of " + sample.name +
                                  " is 0 everywhere: " +
                                  (layer.empty() ? "nothing"
                                                 : "no channel of " + layer) +
                                  " speaks for class " + std::to_string(ofClass) +
                                  "\n");
  if (command.json)
    add(sample, verdict, ofClass, *map);
  return Cell{{std::move(picture), std::move(heat)}, captionOf(sample, verdict)};
}

rt::Status Report::activations(const Sample &sample, const std::string &file) {
  ChannelMaps shape;
  auto values = subject.activations(sample, shape);
  if (!values)
    return values.error();
  std::vector<Cell> cells;
  int64_t pixels = shape.height * shape.width;
  for (int64_t c = 0; c < std::min(shape.channels, kMostChannels); ++c)
    cells.push_back({{grayOf(values->data() + c * pixels, shape.height, shape.width)},
                     {std::to_string(c)}});
  int64_t columns = shape.channels > 64 ? 16 : 8;
  return save(contactSheet(std::move(cells), columns, 64), file);
}

rt::Status Report::filters() {
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
      cell.pictures.push_back(coloursOf(filter, shape[2], shape[3]));
    else
      for (int64_t c = 0; c < std::min<int64_t>(shape[1], 8); ++c)
        cell.pictures.push_back(grayOf(filter + c * pixels, shape[2], shape[3]));
    cells.push_back(std::move(cell));
  }
  int64_t columns = shape[1] == 1 || shape[1] == 3 ? 8 : 2;
  return save(contactSheet(std::move(cells), columns, 48), "filters.png");
}

rt::Status Report::sheet(std::vector<Cell> cells, const std::string &file) {
  return save(contactSheet(std::move(cells), kColumns, kSide), file);
}

rt::Status Report::single(Cell cell, const std::string &file) {
  return save(contactSheet({std::move(cell)}, 1, 2 * kSide), file);
}

rt::Status Report::save(const Canvas &canvas, const std::string &file) {
  return saveWith(file, [&](const std::string &path) { return canvas.save(path); });
}

rt::Status
Report::saveWith(const std::string &file,
                 llvm::function_ref<rt::Status(const std::string &)> write) {
  // Not before there is something to write: an explanation that fails leaves none.
  if (auto error = llvm::sys::fs::create_directories(command.folder))
    return rt::Error{rt::kIo, "directory_unwritable",
                     command.folder + ": cannot make the folder: " + error.message()};
  llvm::SmallString<128> path(command.folder);
  llvm::sys::path::append(path, file);
  std::string text = path.str().str();
  if (auto error = write(text))
    return error;
  files.push_back(rt::Json(text));
  if (!command.json)
    llvm::outs() << "wrote " << rt::printable(text) << "\n";
  return rt::ok;
}

//===-- Numbers -------------------------------------------------------------===//

rt::Status Report::likelihoods(const std::vector<Verdict> &verdicts) {
  Calibration calibration = calibrate(verdicts);
  std::vector<ClassRow> classes = byClass(verdicts, subject.classes());
  if (!command.json)
    llvm::outs() << classText(classes) << "\n" << calibrationText(calibration);
  numbers["expected_calibration_error"] = calibration.ece;
  numbers["accuracy"] = calibration.accuracy;
  numbers["likelihood"] = calibration.likelihood;
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
  numbers["reliability"] = std::move(bins);
  numbers["classes"] = std::move(rows);
  return saveWith("reliability.svg", [&](const std::string &path) {
    return rt::writeFile(path, {reliabilityDiagram(calibration)});
  });
}

void Report::add(const Sample &sample, const Verdict &verdict, int64_t ofClass,
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

std::string Report::json() {
  numbers["method"] = command.method;
  numbers["layer"] = subject.prepared().layer;
  numbers["samples"] = std::move(samples);
  numbers["files"] = std::move(files);
  return rt::jsonText(numbers, 2) + "\n";
}

} // namespace gradmill::cli
