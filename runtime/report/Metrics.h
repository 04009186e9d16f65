// Training metrics as JSON lines, one object per record:
//   {"type": "run", "model": ..., "graph": ..., "optimizer": ..., "options":
//    {...}, "about": {...}, "resumed_at": ...}
//   {"type": "step", "step": 10, "epoch": 1, "loss": ..., "learning_rate": ...,
//    "train_accuracy": ..., "samples_per_second": ..., "seconds": ...}
//   {"type": "epoch", ..., "test_accuracy": ..., "test_loss": ...,
//    "val_accuracy": ..., "val_loss": ...}
//   {"type": "end", "step": ..., "seconds": ..., "interrupted": false,
//    "checkpoint": ...}; of a run that failed {"type": "end", "error": ...}
// with the model's own metrics. Accuracies are fractions, times are seconds since the run began. Appends, so
// that a resumed run continues its file.
#pragma once

#include "core/Error.h"
#include "train/Trainer.h"

#include <cstdio>
#include <memory>

namespace gradmill::rt {

class Metrics : public TrainObserver {
public:
  // `everySteps` thins out the step records. Errors: write_failed.
  static Result<std::unique_ptr<Metrics>> open(const std::string &path,
                                               int64_t everySteps = 10);
  ~Metrics() override;

  void onStart(const StartReport &report) override;
  void onStep(const StepReport &report) override;
  void onEpoch(const EpochReport &report) override;
  // Once, when a run that has begun is over; `error` is why it failed, or null.
  void end(const TrainSummary &summary, const Error *error);

  // The first write error since opening, if any.
  Status status() const { return error; }

private:
  Metrics() = default;
  void write(const std::string &line);

  std::FILE *file = nullptr;
  std::string path;
  int64_t everySteps = 10;
  bool started = false;
  Status error;
};

// Forwards to several observers.
class Observers : public TrainObserver {
public:
  void add(TrainObserver *observer) { list.push_back(observer); }
  void onStart(const StartReport &report) override {
    for (TrainObserver *observer : list)
      observer->onStart(report);
  }
  void onStep(const StepReport &report) override {
    for (TrainObserver *observer : list)
      observer->onStep(report);
  }
  void onEpoch(const EpochReport &report) override {
    for (TrainObserver *observer : list)
      observer->onEpoch(report);
  }
  void onNote(const std::string &text) override {
    for (TrainObserver *observer : list)
      observer->onNote(text);
  }
  void onWarning(const std::string &text) override {
    for (TrainObserver *observer : list)
      observer->onWarning(text);
  }

private:
  std::vector<TrainObserver *> list;
};

// A record as a line without its end.
std::string startRecord(const StartReport &report);
std::string endRecord(const TrainSummary &summary, const Error *error);
std::string stepRecord(const StepReport &report);
std::string epochRecord(const EpochReport &report);

// The --json summary of a run.
std::string summaryText(const Model &model, const DatasetSplit &data,
                        const TrainOptions &options,
                        const TrainSummary &summary);

} // namespace gradmill::rt
