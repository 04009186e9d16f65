// Smith, 2017: a few steps, each with a larger rate than the one before. The
// rate is good where the loss falls fastest, and too large where it rises.
#include "tools/LrFind.h"

#include "checkpoint/Checkpoint.h"
#include "core/Json.h"
#include "core/Number.h"
#include "data/Loader.h"
#include "files/CommandFiles.h"
#include "files/Output.h"
#include "report/Plot.h"
#include "report/Table.h"
#include "report/Terminal.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"
#include "tools/Data.h"
#include "tools/OptionChecks.h"
#include "train/Evaluate.h"
#include "train/Interrupt.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unistd.h>

namespace gradmill::rt {

void addLrFindOptions(CLI::App &app, LrFindOptions &o) {
  addData(app, o.data, o.map, o.cacheDir, o.allowDownload, o.maxUnpack);
  auto option = [&](CLI::Option *added, const char *type) {
    return added->take_last()->type_name(type);
  };
  option(app.add_option("--from", o.from, "The first rate (1e-5)"), "RATE")
      ->check(numberIn(1e-12, 1e3));
  option(app.add_option("--to", o.to, "The last rate (10)"), "RATE")
      ->check(numberIn(1e-12, 1e3));
  option(app.add_option("--steps", o.steps, "Steps between them (100)"), "N")
      ->check(CLI::Range(10, 100000));
  option(app.add_option("--seed", o.seed, "Of weights and order (1)"), "N")
      ->check(anySeed());
  option(app.add_option("--weights", o.weights, "Begin with these weights"),
         "FILE");
  option(app.add_option("--csv", o.csv, "Write rates and losses here"), "FILE");
  option(app.add_option("--svg", o.svg, "Draw the curve here"), "FILE");
  addThreads(app, o.threads);
  app.add_flag("--json", o.json, "Print JSON");
}

RangeAdvice adviceFrom(const std::vector<RangePoint> &points) {
  RangeAdvice advice;
  size_t lowest = 0;
  for (size_t i = 0; i < points.size(); ++i)
    if (points[i].smooth < points[lowest].smooth)
      lowest = i;
  if (points.empty() || lowest < 2)
    return advice;
  advice.lowest = points[lowest].rate;
  // Slopes over a tenth of the way to the lowest point: single steps are noise.
  size_t reach = std::max<size_t>(lowest / 10, 1);
  double steepest = 0;
  for (size_t i = reach; i + reach <= lowest; ++i) {
    double slope = (points[i + reach].smooth - points[i - reach].smooth) /
                   std::log(points[i + reach].rate / points[i - reach].rate);
    if (slope < steepest)
      steepest = slope, advice.steepest = points[i].rate;
  }
  // A third of the way, by decades, from the steepest point to the lowest: beyond
  // it the loss no longer falls in proportion.
  if (advice.steepest > 0) {
    double rate = advice.steepest * std::cbrt(advice.lowest / advice.steepest);
    double digit = std::pow(10, std::floor(std::log10(rate)) - 1);
    advice.rate = std::round(rate / digit) * digit;
  }
  return advice;
}

namespace {

class RangeTest {
public:
  RangeTest(Model &model, const LrFindOptions &options, const Dataset &data)
      : model(model), options(options), data(data) {}

  Status prepare() {
    auto entry = model.requireTraining();
    if (!entry)
      return entry.error();
    parts = model.manifest().stepParts();
    auto found = columnsByMap(
        data, fedPorts(model.manifest(), {(*entry)->spec().does}), options.map,
        model.manifest());
    if (!found)
      return found.error();
    columns = std::move(*found);
    LoaderOptions loading;
    loading.batch = (*entry)->spec().batch;
    loading.seed = options.seed;
    auto created = Loader::create(data, columns, loading);
    if (!created)
      return created.error();
    loader = std::move(*created);
    if (loader->batchesPerEpoch() < parts)
      return Error{kBadInput, "data_too_small",
                   data.name + ": " + std::to_string(data.size()) +
                       " samples, but a step takes " +
                       std::to_string(loading.batch * parts) +
                       "; compile for a smaller --batch, or give more data"};
    model.init(options.seed);
    return options.weights.empty() ? ok : loadWeights(model, options.weights);
  }

  // Ends early if the loss diverges.
  Status run(const InterruptGuard &interrupt) {
    constexpr double kMemory = 0.9;
    double mean = 0, best = INFINITY;
    for (int64_t step = 0; step < options.steps && !interrupt.requested();
         ++step) {
      double share = double(step) / double(options.steps - 1);
      RangePoint point;
      point.rate = options.from * std::pow(options.to / options.from, share);
      if (Status error = trainStep(step, point))
        return error;
      if (!std::isfinite(point.loss))
        return ok;
      mean = kMemory * mean + (1 - kMemory) * point.loss;
      point.smooth = mean / (1 - std::pow(kMemory, double(step + 1)));
      points.push_back(point);
      best = std::min(best, point.smooth);
      if (step >= 10 && point.smooth > 4 * best)
        return ok;
    }
    return ok;
  }

  std::vector<RangePoint> points;

private:
  const Batch *nextBatch() {
    const Batch *batch = epoch < 0 ? nullptr : loader->next();
    if (!batch) {
      loader->start(++epoch);
      batch = loader->next();
    }
    return batch;
  }

  Status trainStep(int64_t step, RangePoint &point) {
    BoundEntry &entry = **model.requireTraining();
    const PortSpec *loss = model.manifest().portsOf(PortRole::Loss).front();
    for (int64_t part = 0; part < parts; ++part) {
      const Batch *batch = nextBatch();
      PortValues values;
      for (size_t i = 0; i < columns.size(); ++i)
        values.push_back({columns[i].port, batch->at(i)});
      if (Status error = model.trainPart(values, 0, part, float(point.rate),
                                         options.seed, step))
        return error;
      point.loss += entry.number(*loss) / double(parts);
    }
    return ok;
  }

  Model &model;
  const LrFindOptions &options;
  const Dataset &data;
  std::vector<PortColumn> columns;
  std::unique_ptr<Loader> loader;
  int64_t parts = 1, epoch = -1;
};

std::string shortText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

std::string csvOf(const std::vector<RangePoint> &points) {
  std::string text = "learning_rate,loss,smooth\n";
  for (const RangePoint &point : points)
    text += exactText(point.rate) + "," + exactText(point.loss) + "," +
            exactText(point.smooth) + "\n";
  return text;
}

std::vector<Curve> curvesOf(const std::vector<RangePoint> &points) {
  Curve curve{"loss, smoothed", {}};
  double best = INFINITY;
  for (const RangePoint &point : points)
    best = std::min(best, point.smooth);
  // Diverged losses would flatten the rest of the curve.
  double first = points.empty() ? 0 : points.front().smooth;
  for (const RangePoint &point : points)
    if (point.smooth <= std::max(first * 1.2, best * 2))
      curve.points.push_back({point.rate, point.smooth});
  return {curve};
}

PlotOptions plotOptions() {
  Terminal terminal = Terminal::of(STDOUT_FILENO);
  PlotOptions plot;
  plot.xLabel = "learning rate";
  plot.yLabel = "loss, smoothed";
  plot.logX = true;
  plot.width = std::min(terminal.width - 1, 100);
  plot.unicode = terminal.unicode;
  return plot;
}

void print(const std::vector<RangePoint> &points, const RangeAdvice &advice) {
  std::vector<TableRow> rows = {{"learning rate", "loss", "smoothed"}};
  size_t step = std::max<size_t>(points.size() / 12, 1);
  for (size_t i = 0; i < points.size(); i += step)
    rows.push_back({shortText(points[i].rate), fixedText(points[i].loss, 4),
                    fixedText(points[i].smooth, 4)});
  std::printf("%s\n%s\n", tableText(rows, {}).c_str(),
              plotText(curvesOf(points), plotOptions()).c_str());
  if (advice.rate > 0)
    std::printf("the loss falls fastest at %s and is lowest at %s\n"
                "suggestion: --lr %s, as the peak of onecycle\n",
                shortText(advice.steepest).c_str(),
                shortText(advice.lowest).c_str(),
                shortText(advice.rate).c_str());
  else
    std::printf("the loss did not fall: try other --from and --to, or more "
                "--steps\n");
}

Json jsonOf(const Model &model, const std::vector<RangePoint> &points,
            const RangeAdvice &advice) {
  Json list = Json::array();
  for (const RangePoint &point : points)
    list.push_back(Json::object({{"learning_rate", point.rate},
                                 {"loss", point.loss},
                                 {"smooth", point.smooth}}));
  Json json = Json::object({{"model", model.manifest().name}});
  json["points"] = std::move(list);
  if (advice.rate > 0) {
    json["steepest"] = advice.steepest;
    json["lowest"] = advice.lowest;
    json["suggestion"] = advice.rate;
  }
  return json;
}

Status checkOutputs(const LrFindOptions &options, const DatasetSplit &data) {
  CommandFiles files = options.files;
  for (const std::string &file : data.files)
    files.reads("the data set's " + file, file);
  files.reads("--weights", options.weights);
  files.writes("--csv", options.csv);
  files.writes("--svg", options.svg);
  for (const std::string *file : {&options.csv, &options.svg})
    if (!file->empty())
      if (Status error = checkWritable(*file))
        return error;
  return files.check();
}

Status writeOutputs(const LrFindOptions &options,
                    const std::vector<RangePoint> &points) {
  if (!options.csv.empty())
    if (Status error = writeFile(options.csv, {csvOf(points)}))
      return error;
  if (!options.svg.empty())
    return writeFile(options.svg, {plotSvg(curvesOf(points), plotOptions())});
  return ok;
}

} // namespace

int runLrFind(Model &model, const LrFindOptions &options) {
  if (options.from >= options.to)
    return reportError({kUsage, "usage",
                        "--from " + shortText(options.from) +
                            " is not below --to " + shortText(options.to)});
  if (Status error = model.setThreads(options.threads))
    return reportError(*error);
  auto data = openDataFor(options.data, options.cacheDir, options.allowDownload,
                          options.maxUnpack, options.json);
  if (!data)
    return reportError(data.error());
  if (Status error = checkOutputs(options, *data))
    return reportError(*error);
  InterruptGuard interrupt;
  RangeTest test(model, options, data->train);
  if (Status error = test.prepare())
    return reportError(*error);
  if (Status error = test.run(interrupt))
    return reportError(*error);
  if (interrupt.requested())
    return finishOutput(kInterruptedExit);
  if (Status error = writeOutputs(options, test.points))
    return reportError(*error);
  RangeAdvice advice = adviceFrom(test.points);
  if (options.json)
    std::printf("%s\n", jsonText(jsonOf(model, test.points, advice), 2).c_str());
  else
    print(test.points, advice);
  return finishOutput(kOk);
}

} // namespace gradmill::rt
