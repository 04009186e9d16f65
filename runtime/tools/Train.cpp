#include "checkpoint/Checkpoint.h"
#include "core/Number.h"
#include "core/Text.h"
#include "distributed/Ranks.h"
#include "report/Ascii.h"
#include "report/Metrics.h"
#include "report/Progress.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"
#include "tools/Data.h"
#include "train/Classify.h"
#include "train/Evaluate.h"
#include "train/Interrupt.h"

#include <cmath>
#include <cstdio>
#include <unistd.h>

namespace gradmill::rt {

// Shows what a classifier makes of the first test pictures; nothing for another
// model, or other data.
static Status printDemo(Model &model, const Dataset &test,
                        const TrainOptions &options) {
  auto classifier = classifierOf(model);
  std::vector<const PortSpec *> targets =
      model.manifest().portsOf(PortRole::Target);
  if (!classifier || targets.size() != 1)
    return ok;
  auto columns = columnsByMap(test, {classifier->image, targets[0]},
                              options.map, model.manifest());
  if (!columns)
    return columns.error();
  const Column &pictures = *(*columns)[0].column, &labels = *(*columns)[1].column;
  if (pictures.dtype != DType::U8 || labels.dtype != DType::U8)
    return ok;
  Terminal terminal = Terminal::of(STDOUT_FILENO);
  for (uint64_t i = 0; i < uint64_t(options.demo) && i < test.size(); ++i) {
    const uint8_t *pixels = pictures.values.data() + i * pictures.bytes();
    auto scores = classify(model, *classifier, pixels);
    if (!scores)
      return scores.error();
    int64_t guess = argmax(scores->data(), int64_t(scores->size()));
    int label = labels.values[i];
    char text[96];
    std::snprintf(
        text, sizeof text, "test image %llu: %lld (%s%%), is %d",
        (unsigned long long)i, (long long)guess,
        fixedText(100 * std::exp((*scores)[size_t(guess)]), 1).c_str(), label);
    if (terminal.interactive && pictures.shape[0] == 1)
      for (const std::string &line :
           asciiArt(pixels, int(pictures.shape[1]), int(pictures.shape[2])))
        std::printf("    %s\n", clipped(line, terminal.width - 5).c_str());
    std::printf("%s\n",
                colored(terminal, guess == label ? "32" : "31", text).c_str());
  }
  return ok;
}

std::string idleThreads(const Model &model, const EntrySpec &entry) {
  int64_t groups = entry.groups();
  if (entry.kernels.empty() || entry.batch == 1 || model.threads() <= groups)
    return "";
  return std::to_string(model.threads()) + " threads, but a batch of " +
         std::to_string(entry.batch) + " is " + std::to_string(groups) +
         (groups == 1 ? " group" : " groups") +
         " of samples, each the work of one thread: compile with a larger "
         "--batch, or for shorter vectors (--cpu avx2 instead of avx512)";
}

static void printStart(const Model &model, const DatasetSplit &data,
                       TrainObserver &observer) {
  const Manifest &m = model.manifest();
  observer.onNote(
      m.name + ": " + std::to_string(m.parameters) + " parameters, batch " +
      std::to_string(m.training()->batch) +
      (m.accumulate > 1 ? " x " + std::to_string(m.accumulate) : "") + ", " +
      std::to_string(model.threads()) +
      (model.threads() == 1 ? " thread" : " threads") +
      (model.artifact().variant().empty() ? ""
                                          : ", " + model.artifact().variant()));
  if (std::string note = idleThreads(model, *m.training()); !note.empty())
    observer.onNote("note: " + note);
  std::string held;
  if (data.validation.size())
    held = join({data.validation.size(), " to validate, "});
  observer.onNote(join({"data: ", data.source, ", ", data.train.size(),
                        " samples to train, ", held, data.test.size(),
                        " to test"}));
}

static void printPart(const char *name, const PartReport &part,
                      int64_t epoch) {
  if (part.loss)
    std::printf("%s %s after epoch %lld\n", name,
                scoresText(*part.loss, part.metrics).c_str(), (long long)epoch);
}

static int finish(Model &model, const DatasetSplit &data,
                  const TrainOptions &options, const TrainSummary &summary) {
  bool told = options.recorder && options.recorder->tellsEnd();
  if (summary.interrupted) {
    std::fprintf(stderr, "stopped after step %lld of %lld\n",
                 (long long)summary.last.step.step,
                 (long long)summary.last.step.totalSteps);
    if (summary.saved && !told)
      std::fprintf(stderr, "continue with: --resume %s\n",
                   printable(summary.checkpoint).c_str());
  } else if (!options.json && !told) {
    printPart("validation", summary.last.validation, summary.last.step.epoch);
    printPart("test", summary.last.test, summary.last.step.epoch);
    if (summary.bestEpoch)
      std::printf("best validation %s after epoch %lld%s\n",
                  summary.bestText.c_str(), (long long)summary.bestEpoch,
                  options.keepBest.empty()
                      ? ""
                      : (", in " + printable(options.keepBest)).c_str());
  }
  if (options.json)
    std::printf("%s\n", summaryText(model, data, options, summary).c_str());
  else if (!summary.interrupted && !options.quiet &&
           model.manifest().doing(kInfer))
    if (Status error = printDemo(model, data.test, options))
      return reportError(*error);
  if (summary.checkpointError && !summary.saved)
    return reportError(*summary.checkpointError);
  if (!options.saveWeights.empty())
    if (Status error = saveWeights(model, options.saveWeights))
      return reportError(*error);
  if (summary.saved && !summary.interrupted && !options.quiet && !told)
    std::fprintf(stderr, "checkpoint: %s\n",
                 printable(summary.checkpoint).c_str());
  if (summary.last.test.notFinite && !summary.interrupted)
    return finishOutput(reportError(outputNotFinite(
        model, "the outputs of " + std::to_string(summary.last.test.notFinite) +
                   " test samples")));
  return finishOutput(summary.interrupted ? kInterruptedExit : kOk);
}

// Samples that one part of a run trained with must not validate the other.
static Status adoptSplit(TrainOptions &options, const std::string &text) {
  TrainOptions stored;
  if (auto adopted = adoptOptions(stored, text); !adopted)
    return adopted.error();
  bool given = options.given.count("val-split") || options.given.count("val-seed");
  if (given && stored.validation != options.validation)
    return makeError(kBadInput, "resume_mismatch",
                     {options.resume, ": was trained with --val-split ",
                      stored.validation ? splitText(stored.validation) : "0",
                      "; leave out --val-split and --val-seed, or start anew "
                      "from its weights with --weights"});
  options.validation = stored.validation;
  return ok;
}

// A resumed run continues on its data and in its file unless told otherwise;
// the trainer takes the rest of the options from the checkpoint.
Status prepareResume(TrainOptions &options) {
  if (options.resume.empty())
    return ok;
  if (!options.weights.empty())
    return Error{kUsage, "usage",
                 "--resume and --weights exclude each other: a checkpoint "
                 "holds its own weights"};
  auto state = peekCheckpoint(options.resume);
  if (!state)
    return state.error();
  TrainOptions stored = options;
  if (auto changed = adoptOptions(stored, state->options); !changed)
    return changed.error();
  options.data = stored.data;
  options.map = stored.map;
  if (options.checkpoint.empty())
    options.checkpoint = options.resume;
  return adoptSplit(options, state->options);
}

// A checkpoint continues in
// its own file; final weights may take the place of those that a run began
// with, as they are written once, when it has succeeded.
Status checkFiles(const Model &model, const TrainOptions &options,
                  const DatasetSplit &data) {
  CommandFiles files = options.files;
  for (const std::string &file : data.files)
    files.reads("the data set's " + file, file);
  files.reads("--weights", options.weights);
  files.reads("--resume", options.resume);
  if (!options.noCheckpoint)
    files.replaces("--checkpoint",
                   options.checkpoint.empty() ? defaultWeights(model)
                                              : options.checkpoint,
                   "--resume");
  files.replaces("--save-weights", options.saveWeights, "--weights");
  files.replaces("--keep-best", options.keepBest, "--resume");
  files.writes("--metrics", options.metrics);
  return files.check();
}

Status holdOut(const TrainOptions &options, DatasetSplit &data) {
  if (!options.validation)
    return ok;
  if (options.holdOut)
    return options.holdOut(data, options.validation);
  return makeError(kUsage, "val_split",
                   {options.resume,
                    ": was trained with --val-split, which is not in a "
                    "stand-alone trainer; resume it with gradmill train"});
}

// One rank tells what happens; the others work.
static bool isSilent(const TrainOptions &options) {
  return !kAlone && options.ranks && options.ranks->rank;
}

static int tell(const TrainOptions &options, const Error &error) {
  return isSilent(options) ? int(error.exit) : reportError(error);
}

// Of an error before the trainer asks the other ranks.
static int failEarly(const TrainOptions &options, const Error &error) {
  return tell(options, !kAlone && options.ranks ? *options.ranks->agree(error, {}) : error);
}

static int train(Model &model, TrainOptions &options, const DatasetSplit &data,
                 Observers &observers, Metrics *metrics) {
  InterruptGuard interrupt;
  Trainer trainer(model, data, options, observers);
  trainer.stopRequested = [&] { return interrupt.requested(); };
  auto summary = trainer.run();
  const TrainSummary over = summary ? *summary : TrainSummary();
  const Error *error = summary ? nullptr : &summary.error();
  if (isSilent(options))
    return error ? int(error->exit) : over.interrupted ? kInterruptedExit : kOk;
  if (metrics)
    metrics->end(over, error);
  int code = error ? reportError(*error)
                   : finish(model, data, trainer.effective(), over);
  Status failed = options.recorder ? options.recorder->conclude(over, error) : ok;
  int reported = failed ? reportError(*failed) : kOk;
  return code == kOk ? reported : code;
}

void recommendRate(const Model &model, TrainOptions &options) {
  double rate = model.manifest().learningRate;
  if (rate > 0 && !options.given.count("lr"))
    options.schedule.lr = rate;
}

static Status prepareRun(Model &model, TrainOptions &options) {
  if (Status error = model.setThreads(options.threads))
    return error;
  if (auto entry = model.requireTraining(); !entry)
    return entry.error();
  return prepareResume(options);
}

int trainRank(Model &model, TrainOptions options) {
  recommendRate(model, options);
  if (Status error = prepareRun(model, options))
    return failEarly(options, *error);
  auto data = openDataFor(options.data, options.cacheDir, options.allowDownload,
                          options.maxUnpack, options.quiet || isSilent(options));
  if (!data)
    return failEarly(options, data.error());
  Status error = holdOut(options, *data);
  if (!error)
    error = checkFiles(model, options, *data);
  if (error)
    return failEarly(options, *error);
  if (isSilent(options)) {
    options.quiet = options.noCheckpoint = true;
    options.metrics = options.keepBest = options.saveWeights = "";
    options.recorder = nullptr;
  }

  Observers observers;
  Progress progress;
  std::unique_ptr<Metrics> metrics;
  if (!options.quiet)
    observers.add(&progress);
  if (!options.metrics.empty()) {
    auto opened = Metrics::open(options.metrics);
    if (!opened)
      return failEarly(options, opened.error());
    metrics = std::move(*opened);
    observers.add(metrics.get());
  }
  if (options.recorder) {
    if (Status error = options.recorder->prepare({model, *data, options, 0}))
      return failEarly(options, *error);
    observers.add(options.recorder);
  }
  printStart(model, *data, observers);
  int code = train(model, options, *data, observers, metrics.get());
  if (metrics && metrics->status()) {
    int failed = reportError(*metrics->status());
    code = code == kOk ? failed : code;
  }
  return code;
}

int runTrain(Model &model, const TrainOptions &options) {
  return !kAlone && options.distribute ? options.distribute(model, options)
                            : trainRank(model, options);
}

} // namespace gradmill::rt
