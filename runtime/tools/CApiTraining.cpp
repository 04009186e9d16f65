// The C ABI's training on a host's samples: like `gradmill train`, without its
// files and its printing.
#include "core/CApi.h"
#include "core/Number.h"
#include "core/Text.h"
#include "data/sources/Split.h"
#include "report/Metrics.h"
#include "tools/CommandLine.h"
#include "tools/Extras.h"
#include "tools/OptionParser.h"
#include "train/Evaluate.h"

#include <algorithm>

using namespace gradmill::rt;

struct gm_data {
  Dataset samples;
};

//===-- Samples -----------------------------------------------------------===//

namespace {

constexpr uint64_t kChunkBytes = 4 << 20; // of a call of fill

Error badColumn(const std::string &data, size_t index, Pieces cause) {
  return makeError(kUsage, "data_columns",
                   {"data \"", data, "\": column ", index, " ", join(cause)});
}

Result<Column> columnFrom(const std::string &data, size_t index,
                          const gm_column &from) {
  Column column;
  if (!from.name || !*from.name)
    return badColumn(data, index, {"has no name"});
  column.name = from.name;
  auto dtype = dtypeFromName(from.dtype ? from.dtype : "");
  if (!dtype)
    return badColumn(data, index,
                     {"\"", column.name, "\" is of type \"",
                      from.dtype ? from.dtype : "",
                      "\"; there are u8, i32, i64, f32 and f64"});
  column.dtype = *dtype;
  if (from.rank < 0 || from.rank > 8 || (from.rank > 0 && !from.shape))
    return badColumn(data, index,
                     {"\"", column.name, "\" has no shape of 0 to 8 extents"});
  column.shape.assign(from.shape, from.shape + from.rank);
  uint64_t bytes = dtypeBytes(column.dtype);
  for (int64_t extent : column.shape)
    if (extent < 1 || __builtin_mul_overflow(bytes, uint64_t(extent), &bytes) ||
        bytes > uint64_t(1) << 40)
      return badColumn(data, index,
                       {"\"", column.name, "\" has the shape ",
                        shapeText(column.shape),
                        ", which is no sample of 1 to 2^40 bytes"});
  if (from.classes < 0)
    return badColumn(data, index,
                     {"\"", column.name, "\" has a negative number of classes"});
  column.target = from.target != 0;
  column.classes = from.classes;
  return column;
}

// Room for all samples; throws std::bad_alloc.
Result<Dataset> emptyData(const std::string &name, uint64_t samples,
                          const gm_column *columns, size_t count) {
  Dataset data{name, samples, {}};
  for (size_t i = 0; i < count; ++i) {
    auto column = columnFrom(name, i, columns[i]);
    if (!column)
      return column.error();
    if (data.find(column->name))
      return badColumn(name, i,
                       {"is called \"", column->name, "\" as another one is"});
    uint64_t bytes = 0;
    if (__builtin_mul_overflow(samples, column->bytes(), &bytes) ||
        bytes > uint64_t(1) << 46)
      throw std::bad_alloc();
    column->values = Pixels::allocate(size_t(bytes));
    data.columns.push_back(std::move(*column));
  }
  return data;
}

Status fillAll(Dataset &data, gm_fill_fn fill, void *context) {
  uint64_t sample = 0;
  for (const Column &column : data.columns)
    sample += column.bytes();
  uint64_t chunk = std::max<uint64_t>(kChunkBytes / std::max<uint64_t>(sample, 1), 1);
  std::vector<void *> places(data.columns.size());
  for (uint64_t first = 0; first < data.samples; first += chunk) {
    uint64_t count = std::min(chunk, data.samples - first);
    for (size_t i = 0; i < places.size(); ++i)
      places[i] = data.columns[i].values.data() + first * data.columns[i].bytes();
    if (int code = fill(context, int64_t(first), int64_t(count), places.data()))
      return makeError(kFailure, "data_callback",
                       {"data \"", data.name, "\": the function that fills in "
                        "samples ", first, " to ", first + count - 1,
                        " returned ", code});
  }
  return ok;
}

} // namespace

gm_status gm_data_create(const char *name, int64_t samples,
                         const gm_column *columns, int64_t count,
                         gm_fill_fn fill, void *context, gm_data **data) {
  return guarded(
      __func__,
      [&]() -> Status {
        if (Status error = checkCount(std::min(samples, count)))
          return error;
        auto created = emptyData(name, uint64_t(samples), columns, size_t(count));
        if (!created)
          return created.error();
        if (Status error = fillAll(*created, fill, context))
          return error;
        *data = new gm_data{std::move(*created)};
        return ok;
      },
      name, columns, reinterpret_cast<const void *>(fill), data);
}

void gm_data_close(gm_data *data) { delete data; }

//===-- Training ----------------------------------------------------------===//

namespace {

// Hands reports to the host, and remembers that it wants to stop.
class HostObserver : public TrainObserver {
public:
  HostObserver(gm_progress_fn function, void *context)
      : function(function), context(context) {}

  void onStep(const StepReport &report) override {
    tell(report, report.loss, false, stepRecord(report));
  }
  void onEpoch(const EpochReport &report) override {
    tell(report.step, report.step.epochLoss, true, epochRecord(report));
  }
  bool stopped() const { return stop; }

private:
  void tell(const StepReport &r, double loss, bool end,
            const std::string &record) {
    gm_progress progress{r.step, r.totalSteps,   r.epoch, r.epochs,
                         loss,   r.learningRate, end,     record.c_str()};
    if (function && function(context, &progress))
      stop = true;
  }

  gm_progress_fn function;
  void *context;
  bool stop = false;
};

Result<TrainOptions> optionsFrom(const char *const *texts, int64_t count) {
  Arguments arguments;
  for (int64_t i = 0; i < count; ++i) {
    if (!texts || !texts[i])
      return nullArgument("gm_model_train");
    arguments.push_back(texts[i]);
  }
  TrainOptions options;
  CLI::App app("Trains on a host's samples.", "gm_model_train");
  addTrainingOptions(app, options);
  addTrainExtras(app, options);
  if (Status error = parseOptions(app, arguments, &options.files))
    return *error;
  options.noCheckpoint |= options.checkpoint.empty() && options.resume.empty();
  return options;
}

// An empty test set has the columns of the training set.
Result<DatasetSplit> splitFrom(const gm_data *train, const gm_data *test) {
  Dataset rest = test ? test->samples : train->samples;
  rest.samples = test ? rest.samples : 0;
  return joinSplit(train->samples, std::move(rest), train->samples.name);
}

Status trainModel(Model &model, TrainOptions options, DatasetSplit data,
                  HostObserver &host) {
  recommendRate(model, options);
  if (auto entry = model.requireTraining(); !entry)
    return entry.error();
  if (Status error = prepareResume(options))
    return error;
  if (Status error = holdOut(options, data))
    return error;
  if (Status error = checkFiles(model, options, data))
    return error;
  Observers observers;
  observers.add(&host);
  std::unique_ptr<Metrics> metrics;
  if (!options.metrics.empty()) {
    auto opened = Metrics::open(options.metrics);
    if (!opened)
      return opened.error();
    metrics = std::move(*opened);
    observers.add(metrics.get());
  }
  Trainer trainer(model, data, options, observers);
  trainer.stopRequested = [&] { return host.stopped(); };
  auto summary = trainer.run();
  if (!summary)
    return summary.error();
  if (summary->checkpointError && !summary->saved)
    return summary->checkpointError;
  if (!options.saveWeights.empty())
    if (Status error = saveWeights(model, options.saveWeights))
      return error;
  return metrics ? metrics->status() : ok;
}

} // namespace

gm_status gm_model_train(gm_model *model, const gm_data *train,
                         const gm_data *test, const char *const *options,
                         int64_t count, gm_progress_fn progress,
                         void *context) {
  return guarded(
      __func__,
      [&]() -> Status {
        if (Status error = checkCount(count))
          return error;
        auto parsed = optionsFrom(options, count);
        if (!parsed)
          return parsed.error();
        auto data = splitFrom(train, test);
        if (!data)
          return data.error();
        HostObserver host(progress, context);
        return trainModel(*model->model, std::move(*parsed), std::move(*data),
                          host);
      },
      model, train);
}

gm_status gm_model_evaluate(gm_model *model, const gm_data *data,
                            double *scores, int64_t capacity, int64_t *count) {
  return guarded(
      __func__,
      [&]() -> Status {
        if (Status error = checkCount(capacity))
          return error;
        if (capacity > 0 && !scores)
          return nullArgument("gm_model_evaluate");
        auto columns = evaluationColumns(*model->model, data->samples);
        if (!columns)
          return columns.error();
        auto result = evaluate(*model->model, data->samples, *columns);
        if (!result)
          return result.error();
        std::vector<double> all = {result->loss};
        for (const Score &score : result->metrics)
          all.push_back(score.value);
        std::copy_n(all.begin(), std::min<size_t>(all.size(), size_t(capacity)),
                    scores);
        if (count)
          *count = int64_t(all.size());
        return ok;
      },
      model, data);
}
