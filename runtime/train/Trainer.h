// The training loop: batches in, steps, evaluation after epochs, checkpoints.
// It says what happens to an observer and prints nothing itself.
//
// Exact: the weights after step n depend on the artifact, the data and the
// options only, not on threads, time, or how often the run was interrupted and
// resumed.
#pragma once

#include "checkpoint/Checkpoint.h"
#include "core/Model.h"
#include "data/Dataset.h"
#include "train/Evaluate.h"
#include "train/Mixer.h"
#include "train/TrainOptions.h"

#include <functional>
#include <optional>
#include <thread>

namespace gradmill::rt {

struct StepReport {
  int64_t step = 0, totalSteps = 0; // steps done, planned
  int64_t epoch = 0, epochs = 0;    // from 1; planned
  int64_t batch = 0, batches = 0;   // done in this epoch, of the epoch
  int64_t batchSize = 0;
  double loss = 0, epochLoss = 0; // of the step; mean over the epoch so far
  std::vector<Score> metrics;     // means over the epoch so far
  double learningRate = 0;
  double samplesPerSecond = 0; // training only, evaluation excluded
  double seconds = 0;         // since this run began
};

// Of samples that training does not see.
struct PartReport {
  std::optional<double> loss; // none: there was no evaluation
  std::vector<Score> metrics;
  int64_t notFinite = 0; // samples with a NaN among the predictions
};

struct EpochReport {
  StepReport step; // the epoch's last
  PartReport validation, test;
};

// A run that is about to do its first step, or to go on at a later one.
struct StartReport {
  const Model &model;
  const DatasetSplit &data;
  const TrainOptions &options; // in force
  int64_t step;
};

class TrainObserver {
public:
  virtual ~TrainObserver() = default;
  virtual void onStart(const StartReport &) {}
  virtual void onStep(const StepReport &) {}
  virtual void onEpoch(const EpochReport &) {}
  virtual void onNote(const std::string &text) {}    // something to know
  virtual void onWarning(const std::string &text) {} // something went wrong
};

struct TrainSummary {
  EpochReport last;
  int64_t bestEpoch = 0; // by the validation, from 1; 0: nobody watched
  std::string bestText;  // "loss 0.0612"
  bool stoppedEarly = false;
  double firstStepAt = 0; // seconds from the process's start to its end
  bool interrupted = false;
  bool saved = false;     // the last state is in `checkpoint`
  std::string checkpoint; // empty: none
  Status checkpointError; // why it is not saved
};

// What a command keeps of a run beside the checkpoint: a report, event files. It
// also observes the run, after everybody else.
class RunRecorder : public TrainObserver {
public:
  // Before the first step: whether all of it can be written. Errors:
  // write_failed, directory_unwritable.
  virtual Status prepare(const StartReport &start) = 0;
  // Whether conclude() tells a person how the run went, so that nobody else has
  // to.
  virtual bool tellsEnd() const = 0;
  // After all else is written. `error` is why the run ended, or null.
  virtual Status conclude(const TrainSummary &summary, const Error *error) = 0;
};

class Trainer {
public:
  // All references must outlive the trainer.
  Trainer(Model &model, const DatasetSplit &data, TrainOptions options,
          TrainObserver &observer);

  // Asked after every step; true ends the run with a checkpoint.
  std::function<bool()> stopRequested;

  // Errors: no_entry, data_mismatch, data_too_small, write_failed,
  // weights_mismatch and the other errors of checkpoints, loss_not_finite.
  Result<TrainSummary> run();

  // After run: the options in force, those of a resumed checkpoint included.
  const TrainOptions &effective() const { return options; }

private:
  Status prepare();
  Status agreeWithOthers(Status prepared);
  Status prepareFiles();
  Status prepareJudge();
  Status prepareMixer();
  Status findColumns();
  Status prepareAugmentation();
  Status checkAugmentation() const;
  Status startFrom(const std::string &weights);
  Status resume();
  void noteOrigin();
  void sayRecipe();
  Result<bool> trainEpoch(); // false: stop
  Status oneStep(const Batch *samples);
  Status endEpoch();
  Status measure(const Dataset &part, const std::vector<PortColumn> &columns,
                 const char *what, PartReport &report);
  void judgeEpoch(const EpochReport &epoch, bool &best);
  Status saveAt(bool endOfEpoch);
  Status checkOther(const std::string &file) const;
  Status save();
  void startHashing();
  Status checkFinite() const;
  const std::string &trainedHash();
  Error notFinite(const std::string &what) const;
  void report();

  Model &model;
  const DatasetSplit &data;
  TrainOptions options;
  TrainObserver &observer;

  BoundEntry *entry = nullptr;
  std::unique_ptr<Loader> loader;
  std::unique_ptr<Judge> judge; // or null
  std::shared_ptr<const Augmenter> augmenter; // or null
  std::unique_ptr<Mixer> mixer;               // or null
  std::vector<PortColumn> columns; // of the loader's batches
  std::vector<PortColumn> validationColumns, testColumns;
  const PortSpec *loss = nullptr;
  std::vector<const PortSpec *> metrics;
  // Samples of a step, which takes `parts` batches of the loader.
  int64_t batch = 0, parts = 1;
  int64_t stepsPerEpoch = 0, totalSteps = 0, lastStep = 0;
  TrainState state;
  std::string hash; // of the training samples, once `hashing` has ended or
                    // somebody asked
  std::jthread hashing;
  int64_t savedStep = -1;
  StepReport current;
  TrainSummary summary;
  double trainSeconds = 0, startTime = 0;
  int64_t trainedSamples = 0;
};

} // namespace gradmill::rt
