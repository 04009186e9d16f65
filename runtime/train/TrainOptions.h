// What a training run is asked to do.
#pragma once

#include "core/Error.h"
#include "data/Loader.h"
#include "data/Unpack.h"
#include "data/Validation.h"
#include "files/CommandFiles.h"
#include "train/Judge.h"
#include "train/Schedule.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace gradmill::rt {

struct Manifest;
struct EntrySpec;
class Mixer;
class Model;
class RunRecorder;
class Ranks;
struct TrainOptions;
using MakeJudge = Result<std::unique_ptr<Judge>> (*)(const TrainOptions &,
                                                     const Manifest &);

struct TrainOptions {
  // Where samples come from: data/Source.h.
  std::string data = "auto";
  std::string map; // --map: which column goes to which port
  std::string cacheDir;
  bool allowDownload = true;
  uint64_t maxUnpack = kMaxUnpack; // data/Unpack.h

  // What training samples are held out, and what does it: null where that is
  // left out, as in the stand-alone trainer for its size.
  ValidationSplit validation;
  Status (*holdOut)(DatasetSplit &, const ValidationSplit &) = nullptr;

  // What shapes the numbers; kept in checkpoints (optionsText).
  int64_t epochs = 20;
  Schedule schedule{ScheduleKind::OneCycle};
  uint64_t seed = 1;
  Augmentation augment;
  std::string augmentation; // --augment, as it was written
  // Reads it (data/augment/Augment.h), or null.
  Result<std::shared_ptr<const Augmenter>> (*parseAugment)(const std::string &) =
      nullptr;
  std::string watch = "loss"; // by what a validation is judged
  int64_t patience = 0;       // epochs without a better one; 0: no limit
  MakeJudge makeJudge = nullptr; // train/Watch.h, or null
  // What mixes samples (train/Mixup.h), or null.
  std::unique_ptr<Mixer> (*makeMixer)(const Manifest &, const EntrySpec &) = nullptr;
  // Before a step where momentum moves: train/Momentum.h, or null.
  Status (*cycleMomentum)(Model &, const Schedule &, int64_t step,
                          int64_t totalSteps, int64_t stepsPerEpoch) = nullptr;

  std::string distributed = "auto"; // distributed/Job.h
  bool reduceFast = false;          // --reduce fast
  // Trains as `distributed` says; null where that is left out, as in the
  // stand-alone trainer.
  int (*distribute)(Model &, const TrainOptions &) = nullptr;
  Ranks *ranks = nullptr;           // that train together; null: one process

  int threads = 0;       // 0: one per core
  int64_t maxSteps = 0;  // stop after this many steps of the run; 0: no limit
  int64_t evalEvery = 1; // epochs between test evaluations; 0: only at the end

  std::string checkpoint; // file; empty: NAME.ckpt.safetensors
  bool noCheckpoint = false;
  int64_t checkpointEvery = 0; // steps; 0: at the end of every epoch
  std::string keepBest; // file for the best epoch's checkpoint, or empty
  bool overwrite = false; // the checkpoint of another net, too
  std::string resume;          // checkpoint to continue
  std::string weights;         // weights to start from
  bool partialWeights = false; // take of them what fits
  std::string saveWeights;     // where to put the trained weights, plain

  std::string metrics; // JSON lines file
  std::string about;   // of the run, for its first line: JSON, or empty
  RunRecorder *recorder = nullptr; // of gradmill train; null elsewhere
  bool quiet = false, json = false;
  int64_t demo = 5; // test images to show predictions of at the end

  // What the command has read before: the graph, plugins, a configuration.
  CommandFiles files;

  // The options that were given explicitly: on --resume those win over the
  // checkpoint's, the others are taken from it. Names as in optionsText.
  std::set<std::string> given;
};

// The options that shape the numbers, as JSON: what a checkpoint stores.
std::string optionsText(const TrainOptions &options);

// What a run is about to do, for people: "1 epoch, onecycle up to a learning
// rate of 0.05, warm-up 30 %".
std::string recipeText(const TrainOptions &options);

// Of the options that were given, those that this schedule does not ask.
std::vector<std::string> unusedOptions(const TrainOptions &options);

// Takes the stored options over, except those given explicitly. Returns those
// that differ, as "--lr is 0.05, in the checkpoint 0.1": the run then is not
// the same as an uninterrupted one. Errors: bad_checkpoint_options.
Result<std::vector<std::string>> adoptOptions(TrainOptions &options,
                                              const std::string &stored);

} // namespace gradmill::rt
