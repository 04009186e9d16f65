// The commands that the stand-alone trainer and the gradmill driver share. Each
// has its options, a function that declares them to the parser, and a body that
// prints and returns an exit status.
#pragma once

#include "core/Model.h"
#include "data/Unpack.h"
#include "train/TrainOptions.h"

#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gradmill::rt {

struct EvalOptions;
// Finds the samples that the options name. Errors: val_split, data_mismatch.
using ChoosePart = Result<Dataset *> (*)(const EvalOptions &, const Model &,
                                         DatasetSplit &);

class EvalDetails; // tools/EvalDetails.h
using MakeDetails = Result<std::unique_ptr<EvalDetails>> (*)(
    const EvalOptions &, const Model &, const Dataset &);

struct EvalOptions {
  std::string data = "auto", map, cacheDir;
  bool allowDownload = true;
  uint64_t maxUnpack = kMaxUnpack;
  std::string weights; // empty: defaultWeights
  int threads = 0;
  bool json = false;

  // Of tools/Extras.h; null: the test samples.
  ChoosePart choosePart = nullptr;
  std::string part = "test"; // train, val, test
  ValidationSplit validation;
  int64_t limit = 0; // samples; 0: all
  MakeDetails makeDetails = nullptr;
  bool perClass = false, confusion = false;
  std::string wrong; // folder for the mistakes
  int64_t wrongLimit = 1000;
};

struct PredictOptions {
  std::vector<std::string> images;
  std::string weights;
  std::string invert = "auto"; // auto, yes, no
  uint64_t maxUnpack = kMaxUnpack;
  int threads = 1;             // one image is not enough work for more
  bool json = false;
};

struct RunOptions {
  std::string entry;               // empty: inference, of any number of samples
  std::vector<std::string> inputs; // [PORT=]FILE: .npy or raw; others: random
  std::string weights;
  int64_t count = 1; // random samples
  uint64_t seed = 1; // of random samples, and of the weights if none are loaded
  bool initialWeights = false;
  int threads = 0;
  bool json = false;
};

struct InfoOptions {
  bool tensors = false, json = false;
};

struct BenchOptions {
  bool train = false; // otherwise inference
  int threads = 0, rounds = 5;
  double seconds = 1;  // a round
  bool perOp = false;  // a table of kernels
  bool best = false;   // its times: the fastest of all steps, else medians
  bool byTime = false; // its order: by time, else that of execution
  bool json = false;
};

// --data and what goes with it; -j.
void addData(CLI::App &app, std::string &data, std::string &map,
             std::string &cacheDir, bool &allowDownload, uint64_t &maxUnpack);
void addThreads(CLI::App &app, int &threads);
// Recipe, augmentation and files: the options of a run, from whatever source
// the data comes.
void addTrainingOptions(CLI::App &app, TrainOptions &options);
void addTrainOptions(CLI::App &app, TrainOptions &options);
void addEvalOptions(CLI::App &app, EvalOptions &options);
void addPredictOptions(CLI::App &app, PredictOptions &options);
void addRunOptions(CLI::App &app, RunOptions &options);
void addBenchOptions(CLI::App &app, BenchOptions &options);
void addInfoOptions(CLI::App &app, InfoOptions &options);

// What a run needs before it starts. The rate that the optimizer recommends,
// unless one is given:
void recommendRate(const Model &model, TrainOptions &options);
// The data, split and file with which a resumed run continues. Errors: usage,
// resume_mismatch, those of checkpoints.
Status prepareResume(TrainOptions &options);
// Error: val_split.
Status holdOut(const TrainOptions &options, DatasetSplit &data);
// Checks that no needed file is overwritten. Error: same_file.
Status checkFiles(const Model &model, const TrainOptions &options,
                  const DatasetSplit &data);

int runTrain(Model &model, const TrainOptions &options);
// The same as one of options.ranks, if there are any.
int trainRank(Model &model, TrainOptions options);
// The same in as many processes as --distributed says.
int trainDistributed(Model &model, const TrainOptions &options);
int runEval(Model &model, const EvalOptions &options);
int runPredict(Model &model, const PredictOptions &options);
int runRun(Model &model, const RunOptions &options);
int runBench(Model &model, const BenchOptions &options);
int runInfo(const Artifact &artifact, const InfoOptions &options);

// Which threads have no work when `entry` runs, and what to change; empty if
// all have, or if the compiler gave no report of the entry's kernels.
std::string idleThreads(const Model &model, const EntrySpec &entry);

// NAME.ckpt.safetensors: where training leaves its checkpoint.
std::string defaultWeights(const Model &model);
// Loads `weights`; if empty, the values that the artifact carries, else
// defaultWeights. Errors: no_weights and those of loadWeights.
Status loadWeightsFor(Model &model, const std::string &weights);

} // namespace gradmill::rt
