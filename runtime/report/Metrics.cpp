#include "report/Metrics.h"

#include "checkpoint/Origin.h"
#include "core/Json.h"
#include "files/Output.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>

namespace gradmill::rt {

static void addScores(Json &record, const std::string &part,
                      const std::vector<Score> &scores) {
  for (const Score &score : scores)
    record[part + score.port->name] = score.value;
}

static Json recordOf(const StepReport &r, const char *type, double loss) {
  Json record = Json::object({{"type", type},
                              {"step", r.step},
                              {"epoch", r.epoch},
                              {"loss", loss},
                              {"learning_rate", r.learningRate},
                              {"samples_per_second", r.samplesPerSecond},
                              {"seconds", r.seconds}});
  addScores(record, "train_", r.metrics);
  return record;
}

static void addPart(Json &record, const std::string &part,
                    const PartReport &report) {
  if (!report.loss)
    return;
  record[part + "loss"] = *report.loss;
  addScores(record, part, report.metrics);
}

static void addParts(Json &record, const EpochReport &report) {
  addPart(record, "val_", report.validation);
  addPart(record, "test_", report.test);
}

Result<std::unique_ptr<Metrics>> Metrics::open(const std::string &path,
                                               int64_t everySteps) {
  Result<int> opened = openToUpdate(path, O_WRONLY | O_APPEND);
  if (!opened)
    return opened.error();
  std::unique_ptr<Metrics> metrics(new Metrics);
  metrics->file = ::fdopen(*opened, "a");
  metrics->path = path;
  metrics->everySteps = everySteps;
  return metrics;
}

Metrics::~Metrics() { std::fclose(file); }

void Metrics::write(const std::string &line) {
  bool written = std::fputs((line + "\n").c_str(), file) >= 0;
  // Somebody may watch the file, so each line is flushed.
  if ((!written || std::fflush(file) != 0) && !error)
    error = Error{kIo, "write_failed",
                  path + ": cannot write: " + std::strerror(errno)};
}

void Metrics::onStart(const StartReport &report) {
  started = true;
  write(startRecord(report));
}

// Identifies the run, so that a log can be read on its own.
std::string startRecord(const StartReport &report) {
  Origin origin = originOf(report.model.manifest());
  Json record = Json::object({{"type", "run"},
                              {"model", report.model.manifest().name},
                              {"graph", origin.graph},
                              {"loss", origin.loss},
                              {"optimizer", origin.optimizer},
                              {"batch", origin.batch},
                              {"compiler", origin.code},
                              {"data", report.data.source},
                              {"seed", report.options.seed}});
  record["options"] = parseJson(optionsText(report.options));
  if (!report.options.about.empty())
    record["about"] = parseJson(report.options.about);
  if (report.step)
    record["resumed_at"] = report.step;
  return jsonText(record);
}

void Metrics::end(const TrainSummary &summary, const Error *error) {
  if (started)
    write(endRecord(summary, error));
}

std::string endRecord(const TrainSummary &summary, const Error *error) {
  Json record = Json::object({{"type", "end"}});
  if (error) {
    record["error"] = error->message;
    return jsonText(record);
  }
  record["step"] = summary.last.step.step;
  record["seconds"] = summary.last.step.seconds;
  record["interrupted"] = summary.interrupted;
  if (summary.saved)
    record["checkpoint"] = summary.checkpoint;
  return jsonText(record);
}

void Metrics::onStep(const StepReport &report) {
  if (report.step % everySteps == 0)
    write(stepRecord(report));
}

void Metrics::onEpoch(const EpochReport &report) {
  write(epochRecord(report));
}

std::string stepRecord(const StepReport &report) {
  return jsonText(recordOf(report, "step", report.loss));
}

std::string epochRecord(const EpochReport &report) {
  Json record = recordOf(report.step, "epoch", report.step.epochLoss);
  addParts(record, report);
  return jsonText(record);
}

std::string summaryText(const Model &model, const DatasetSplit &data,
                        const TrainOptions &options,
                        const TrainSummary &summary) {
  Json json =
      recordOf(summary.last.step, "summary", summary.last.step.epochLoss);
  json["model"] = model.manifest().name;
  json["parameters"] = model.manifest().parameters;
  json["data"] = data.source;
  json["epochs"] = summary.last.step.epochs;
  json["threads"] = model.threads();
  json["interrupted"] = summary.interrupted;
  if (summary.bestEpoch) {
    json["best_epoch"] = summary.bestEpoch;
    json["stopped_early"] = summary.stoppedEarly;
  }
  if (summary.firstStepAt)
    json["start_to_first_step_ms"] = 1e3 * summary.firstStepAt;
  json["checkpoint"] = summary.saved ? Json(summary.checkpoint) : Json();
  json["options"] = parseJson(optionsText(options));
  addParts(json, summary.last);
  return jsonText(json, 2);
}

} // namespace gradmill::rt
