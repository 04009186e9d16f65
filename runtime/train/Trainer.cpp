#include "train/Trainer.h"

#include "core/Number.h"
#include "core/ProcessClock.h"
#include "core/Text.h"
#include "data/Sha256.h"
#include "distributed/Ranks.h"
#include "files/Output.h"
#include "train/Evaluate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <system_error>
#include <tuple>

namespace gradmill::rt {

static double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

Trainer::Trainer(Model &model, const DatasetSplit &data, TrainOptions options,
                 TrainObserver &observer)
    : model(model), data(data), options(std::move(options)),
      observer(observer) {}

Result<TrainSummary> Trainer::run() {
  if (Status error = agreeWithOthers(prepare()))
    return *error;
  startTime = now();
  bool running = state.step < lastStep && !(judge && judge->stopped());
  if (!running && state.step < lastStep)
    observer.onNote("nothing to do: the run has stopped by --patience");
  else if (!running)
    observer.onNote(join({"nothing to do: ", state.step, " of ", lastStep,
                          " steps are done; raise --epochs to train on"}));
  while (running) {
    auto more = trainEpoch();
    if (!more)
      return more.error();
    running = *more && state.step < lastStep && !summary.stoppedEarly;
  }
  // Whether or not there is a checkpoint: the weights may be saved otherwise.
  if (Status error = checkFinite())
    return *error;
  if (!options.noCheckpoint && savedStep != state.step)
    if (Status error = save())
      return *error;
  summary.saved = savedStep == state.step;
  if (judge) {
    summary.bestEpoch = judge->bestEpoch();
    summary.bestText = judge->bestText();
  }
  summary.last.step = current;
  return summary;
}

// Every rank calls this, whether or not it is prepared.
Status Trainer::agreeWithOthers(Status prepared) {
  if (kAlone || !options.ranks)
    return prepared;
  if (prepared)
    return options.ranks->agree(prepared, {});
  Sha256 artifact;
  const char *text = model.artifact().manifestText();
  artifact.update(text, std::strlen(text));
  std::string code = artifact.finish(), test = checksumOf(data.test),
              steps = join({state.step, " to ", lastStep, ", tests every ",
                            options.evalEvery, " epochs"});
  return options.ranks->agree(prepared,
               {{"artifact", code.c_str()},
                {"compiler", model.manifest().compiler.c_str()},
                {"training data", trainedHash().c_str()},
                {"test data", test.c_str()},
                {"options", state.options.c_str()},
                {"steps", steps.c_str()},
                {"--reduce", options.reduceFast ? "fast" : "exact"}});
}

Status Trainer::prepare() {
  auto found = model.requireTraining();
  if (!found)
    return found.error();
  entry = *found;
  parts = model.manifest().stepParts();
  if (!kAlone && options.ranks)
    if (Status error = model.share(*options.ranks, options.reduceFast))
      return error;
  batch = entry->spec().batch * parts;
  if (options.makeMixer)
    mixer = options.makeMixer(model.manifest(), entry->spec());
  if (Status error = findColumns())
    return error;
  if (int64_t(data.train.size()) < batch)
    return makeError(kBadInput, "data_too_small",
                     {data.train.name, ": ", data.train.size(),
                      " samples, but a step takes ", batch,
                      "; compile for a smaller --batch, or give more data"});
  if (Status error = prepareFiles())
    return error;
  stepsPerEpoch = int64_t(data.train.size()) / batch;
  if (options.resume.empty()) {
    model.init(options.seed);
    if (Status error = startFrom(options.weights))
      return error;
  } else if (Status error = resume()) {
    return error;
  }
  // (A checkpoint of a model with other metrics: its unfinished epoch's start
  // anew.)
  if (state.metricSums.size() != metrics.size())
    state.metricSums.assign(metrics.size(), 0);
  if (options.schedule.kind == ScheduleKind::MultiStep &&
      milestonesUpTo(0, options.schedule.milestones) < 0)
    return makeError(kUsage, "usage",
                     {"--schedule multistep needs --lr-milestones, as 10,15"});
  if (Status error = prepareAugmentation())
    return error;
  if (Status error = prepareMixer())
    return error;
  if (Status error = prepareJudge())
    return error;
  state.seed = options.seed;
  state.options = optionsText(options);
  totalSteps = options.epochs * stepsPerEpoch;
  lastStep =
      options.maxSteps ? std::min(totalSteps, options.maxSteps) : totalSteps;
  LoaderOptions loading;
  loading.batch = entry->spec().batch;
  loading.seed = options.seed;
  if (!mixer) // which asks for any two samples of a batch
    std::tie(loading.first, loading.last) = model.neededSamples();
  loading.augment = options.augment;
  loading.augmenter = augmenter;
  auto created = Loader::create(data.train, columns, loading);
  if (!created)
    return created.error();
  loader = std::move(*created);
  sayRecipe();
  report();
  observer.onStart({model, data, options, state.step});
  return ok;
}

Status Trainer::prepareFiles() {
  if (options.checkpoint.empty())
    options.checkpoint = model.manifest().name + ".ckpt.safetensors";
  if (!options.noCheckpoint) {
    if (Status error = checkWritable(options.checkpoint))
      return error;
    if (Status error = checkOther(options.checkpoint))
      return error;
    summary.checkpoint = options.checkpoint;
  }
  for (const std::string *file : {&options.saveWeights, &options.keepBest})
    if (!file->empty())
      if (Status error = checkWritable(*file))
        return error;
  return options.keepBest.empty() ? ok : checkOther(options.keepBest);
}

// A run takes the place of an earlier one of the same net, not of another's, nor
// of plain weights.
Status Trainer::checkOther(const std::string &file) const {
  if (options.overwrite || options.resume == file)
    return ok;
  auto found = peekCheckpoint(file);
  bool other = found
                   ? found->origin.graph != originOf(model.manifest()).graph
                   : found.error().code == "not_a_checkpoint";
  if (!other)
    return ok;
  return makeError(kUsage, "checkpoint_exists",
                   {file,
                    found ? ": holds the training of another net"
                          : ": holds weights and no training",
                    "; name another file, or replace it with --overwrite"});
}

// The judge goes on where that of the checkpoint stood.
Status Trainer::prepareJudge() {
  if (options.makeJudge) {
    auto made = options.makeJudge(options, model.manifest());
    if (!made)
      return made.error();
    judge = std::move(*made);
  }
  bool wanted = !state.judge.empty() || options.patience ||
                options.schedule.kind == ScheduleKind::Plateau;
  if (!judge && wanted)
    return makeError(kUsage, "no_validation",
                     {"--patience, --keep-best and --schedule plateau go by "
                      "validation samples, with gradmill train; name those "
                      "again that the checkpoint was trained with"});
  if (state.judge.empty())
    return ok;
  if (!judge->adopt(state.judge))
    return makeError(kBadInput, "not_a_checkpoint",
                     {options.resume,
                      ": what it says of validations is damaged"});
  return ok;
}

Status Trainer::startFrom(const std::string &weights) {
  if (weights.empty())
    return ok;
  if (!options.partialWeights)
    return loadWeights(model, weights);
  auto loaded = loadWeightsThatFit(model, weights);
  if (!loaded)
    return loaded.error();
  observer.onNote("weights of " + weights + ":" + loaded->text());
  return ok;
}

// Before the first step, for both parts: a mismatch must not show at the end of
// an epoch.
Status Trainer::findColumns() {
  const Manifest &manifest = model.manifest();
  loss = manifest.portsOf(PortRole::Loss).front();
  metrics = manifest.portsOf(PortRole::Metric);
  auto test = evaluationColumns(model, data.test, options.map);
  if (!test)
    return test.error();
  testColumns = std::move(*test);
  if (data.validation.size()) {
    auto held = evaluationColumns(model, data.validation, options.map);
    if (!held)
      return held.error();
    validationColumns = std::move(*held);
  }
  auto ports = fedPorts(manifest, {entry->spec().does});
  if (mixer)
    mixer->take(ports);
  auto train = columnsByMap(data.train, ports, options.map, manifest);
  if (!train)
    return train.error();
  columns = std::move(*train);
  return ok;
}

Status Trainer::prepareAugmentation() {
  const Augmentation &a = options.augment;
  if (options.augmentation.empty())
    return checkAugmentation();
  if (a.rotationDegrees || a.translatePixels || a.scale || a.shearDegrees)
    return makeError(kUsage, "augmentation",
                     {"--augment stands beside --rotate, --translate, --scale "
                      "or --shear; write these as its steps, too"});
  if (!options.parseAugment)
    return makeError(kUsage, "augmentation",
                     {options.resume, ": was trained with --augment, which is "
                                      "not in a stand-alone trainer; resume it "
                                      "with gradmill train"});
  auto parsed = options.parseAugment(options.augmentation);
  if (!parsed)
    return parsed.error();
  augmenter = std::move(*parsed);
  return checkAugmentation();
}

// What is done to pictures has to be done to what is said of their pixels.
static constexpr const char *kAugmentOptions =
    "--rotate, --translate, --scale, --shear and --augment";

Status Trainer::checkAugmentation() const {
  const Augmentation &a = options.augment;
  if (!augmenter && a.rotationDegrees == 0 && a.translatePixels == 0 && a.scale == 0 &&
      a.shearDegrees == 0)
    return ok;
  bool pictures = false;
  for (const PortColumn &pair : columns)
    pictures |= pair.port->role == PortRole::Data &&
                pair.column->dtype == DType::U8 &&
                pair.column->shape.size() == 3;
  if (!pictures)
    return makeError(kUsage, "augmentation",
                     {"there are no pictures of bytes [C, H, W] to augment; "
                      "leave out ", kAugmentOptions});
  if (augmenter && !augmenter->moves())
    return ok;
  for (const PortColumn &pair : columns)
    if (pair.port->role == PortRole::Target && pair.port->shape.size() >= 2)
      return makeError(kUsage, "augmentation",
                       {"the target \"", pair.port->name, "\", ",
                        portText(*pair.port),
                        ", would stay as it is while pictures are moved; leave "
                        "out ", kAugmentOptions});
  return ok;
}

// What is compiled in and what is asked for belong together.
Status Trainer::prepareMixer() {
  bool mixes = augmenter && augmenter->mixes();
  if (mixes != bool(mixer))
    return makeError(kUsage, "mixup",
                     {"the model is compiled ", mixer ? "for" : "without",
                      " mixed samples; ", mixes ? "leave mixup out of" : "add mixup to",
                      " --augment"});
  return mixer ? mixer->begin(*augmenter, columns, options.seed) : ok;
}

void Trainer::sayRecipe() {
  std::string why;
  if (options.resume.empty() && !options.given.count("lr"))
    why = join({" (chosen for ", model.manifest().optimizer,
                " and batches of ", batch, "; --lr sets another)"});
  observer.onNote("recipe: " + recipeText(options) + why);
  for (const std::string &name : unusedOptions(options))
    observer.onNote(join({"note: --", name, " means nothing to the schedule ",
                          scheduleName(options.schedule.kind)}));
}

Status Trainer::resume() {
  auto loaded = loadCheckpoint(model, options.resume);
  if (!loaded)
    return loaded.error();
  state = *loaded;
  if (state.dataHash != trainedHash())
    return makeError(kBadInput, "data_mismatch",
                     {options.resume, ": was trained on other data than ",
                      data.train.name,
                      "; name the same --data, or start anew from its weights "
                      "with --weights ", options.resume});
  auto changed = adoptOptions(options, state.options);
  if (!changed)
    return Error{changed.error().exit, changed.error().code,
                 options.resume + ": " + changed.error().message};
  for (const std::string &option : *changed)
    observer.onNote(option + ": the run will not equal an uninterrupted one");
  noteOrigin();
  if (state.epoch != state.step / stepsPerEpoch)
    return makeError(kBadInput, "not_a_checkpoint",
                     {options.resume, ": step ", state.step,
                      " is not in epoch ", state.epoch,
                      "; was it trained with another batch size?"});
  // Only if it will be the same file: another one still has to be written.
  if (options.resume == options.checkpoint)
    savedStep = state.step;
  observer.onNote(join({"resuming ", options.resume, " at step ", state.step}));
  return ok;
}

// What may change the last bits, where the run goes on nevertheless.
void Trainer::noteOrigin() {
  Origin own = originOf(model.manifest());
  if (state.origin.code != own.code)
    observer.onNote(join({"compiled by ", own.code,
                          ", the checkpoint's model by ", state.origin.code,
                          ": the last bits may differ"}));
}

// From the current step to the end of its epoch.
Result<bool> Trainer::trainEpoch() {
  loader->start(state.epoch, state.step % stepsPerEpoch * parts);
  double begin = now();
  while (const Batch *next = loader->next()) {
    if (Status error = oneStep(next))
      return *error;
    if (!summary.firstStepAt) {
      summary.firstStepAt = processSeconds();
      // Beside the steps that follow: only a checkpoint needs it.
      if (!options.noCheckpoint && hash.empty())
        startHashing();
    }
    double end = now();
    trainSeconds += end - begin;
    trainedSamples += batch;
    report();
    observer.onStep(current);
    bool endOfEpoch = state.step % stepsPerEpoch == 0;
    if (endOfEpoch || state.step == lastStep)
      if (Status error = endEpoch())
        return *error;
    if (Status error = saveAt(endOfEpoch))
      return *error;
    // Signals arrive when they like: all ranks stop after the same step.
    bool stop = stopRequested && stopRequested();
    if (!kAlone && options.ranks ? options.ranks->any(stop) : stop) {
      summary.interrupted = state.step < lastStep;
      return false;
    }
    if (state.step == lastStep || summary.stoppedEarly)
      return false;
    if (endOfEpoch) // what is left makes no whole step
      return true;
    begin = now();
  }
  return true;
}

// With `samples` as the first of its batches.
Status Trainer::oneStep(const Batch *samples) {
  double rate =
      learningRate(options.schedule, state.step, totalSteps, stepsPerEpoch);
  if (judge)
    rate = judge->adjust(rate);
  if (!(rate >= 0)) // of a plugin
    return makeError(kFailure, "learning_rate",
                     {"the schedule ", scheduleName(options.schedule.kind),
                      " gives a negative learning rate or none"});
  current.learningRate = rate;
  if (options.schedule.momentumHigh > 0) {
    if (!options.cycleMomentum)
      return makeError(kUsage, "momentum",
                       {options.resume, ": was trained with --momentum-range; "
                                        "resume it with gradmill train"});
    if (Status error = options.cycleMomentum(model, options.schedule, state.step,
                                             totalSteps, stepsPerEpoch))
      return error;
  }
  double value = 0;
  for (int64_t part = 0; part < parts; ++part) {
    if (part)
      samples = loader->next(); // an epoch has whole steps
    PortValues values;
    for (size_t i = 0; i < columns.size(); ++i)
      values.push_back({columns[i].port, samples->at(i)});
    if (mixer)
      mixer->mix(*entry, values, state.step * parts + part);
    if (Status error = model.trainPart(values, 0, part, float(rate),
                                       options.seed, state.step))
      return error;
    value += entry->number(*loss) / double(parts);
    for (size_t i = 0; i < metrics.size(); ++i)
      state.metricSums[i] +=
          entry->number(*metrics[i]) * double(entry->spec().batch);
  }
  if (!std::isfinite(value))
    return notFinite("the loss became " + fixedText(value, 0));
  state.seen += batch;
  state.lossSum += value;
  state.step += 1;
  current.loss = value;
  return ok;
}

Error Trainer::notFinite(const std::string &what) const {
  std::string kept;
  if (savedStep >= 0)
    kept = join({", or resume from the checkpoint of step ", savedStep, ", ",
                 options.checkpoint});
  char rate[32];
  std::snprintf(rate, sizeof rate, "%g", current.learningRate);
  return makeError(kFailure, "loss_not_finite",
                   {what, " at step ", state.step, " (epoch ", state.epoch + 1,
                    ", learning rate ", rate,
                    "): training diverged; try a lower --lr", kept});
}

void Trainer::report() {
  int64_t inEpoch = state.seen / batch;
  current.step = state.step;
  current.totalSteps = lastStep;
  current.epoch = state.epoch + 1;
  current.epochs = options.epochs;
  current.batch = inEpoch;
  current.batches = stepsPerEpoch;
  current.batchSize = batch;
  current.epochLoss = inEpoch ? state.lossSum / double(inEpoch) : 0;
  current.metrics.clear();
  for (size_t i = 0; i < metrics.size(); ++i)
    current.metrics.push_back(
        {metrics[i],
         state.seen ? state.metricSums[i] / double(state.seen) : 0});
  current.samplesPerSecond =
      trainSeconds > 0 ? double(trainedSamples) / trainSeconds : 0;
  current.seconds = startTime > 0 ? now() - startTime : 0;
}

// Evaluates and reports; also at a limit of steps in the middle of an epoch.
Status Trainer::endEpoch() {
  if (Status error = checkFinite())
    return *error;
  EpochReport epoch{current, {}, {}};
  bool last = state.step == lastStep;
  bool due = options.evalEvery && current.epoch % options.evalEvery == 0;
  if (due || last)
    if (Status error = measure(data.validation, validationColumns, "validation",
                               epoch.validation))
      return error;
  bool best = false;
  if (judge && epoch.validation.loss && state.step % stepsPerEpoch == 0)
    judgeEpoch(epoch, best);
  last |= summary.stoppedEarly;
  // With a validation set the test set is asked once, by the finished net.
  if (last || (due && !data.validation.size()))
    if (Status error = measure(data.test, testColumns, "test", epoch.test))
      return error;
  epoch.step.seconds = now() - startTime;
  summary.last = epoch;
  observer.onEpoch(epoch);
  if (state.step % stepsPerEpoch == 0) {
    state.epoch += 1;
    state.lossSum = 0;
    state.metricSums.assign(metrics.size(), 0);
    state.seen = 0;
  }
  if (!best || options.keepBest.empty())
    return ok;
  state.dataHash = trainedHash();
  if (Status error = saveCheckpoint(model, state, options.keepBest))
    observer.onWarning("best epoch not written: " + error->message);
  return ok;
}

void Trainer::judgeEpoch(const EpochReport &epoch, bool &best) {
  Judge::Verdict verdict = judge->see(epoch);
  best = verdict.best;
  summary.stoppedEarly = verdict.stop;
  state.judge = judge->state();
  if (!verdict.note.empty())
    observer.onNote(verdict.note);
}

Status Trainer::measure(const Dataset &part,
                        const std::vector<PortColumn> &columns,
                        const char *what, PartReport &report) {
  if (!part.size() || !model.manifest().doing(kInfer))
    return ok;
  // What is judged is measured to its end: a resumed run must judge the same.
  auto result = evaluate(model, part, columns,
                         options.ranks || (judge && &part == &data.validation)
                             ? std::function<bool()>()
                             : stopRequested,
                         {}, options.ranks);
  if (!result)
    return result.error();
  // An evaluation cut short by Ctrl-C says nothing about the whole.
  if (result->samples == int64_t(part.size())) {
    report.loss = result->loss;
    report.metrics = result->metrics;
  }
  // No end of the run: running statistics settle, and weights are finite.
  report.notFinite = result->notFinite;
  if (result->notFinite)
    observer.onWarning(join({"the outputs of ", result->notFinite, " ", what,
                             " samples are infinite or NaN"}));
  return ok;
}

Status Trainer::saveAt(bool endOfEpoch) {
  if (options.noCheckpoint)
    return ok;
  bool due = options.checkpointEvery ? state.step % options.checkpointEvery == 0
                                     : endOfEpoch;
  return due ? save() : ok;
}

// The step that spoils the weights still has a finite loss: only the next one
// shows it. Without this look a checkpoint between them would be lost to NaNs.
Status Trainer::checkFinite() const {
  const Tensor *tensor = model.firstNotFinite();
  if (!tensor)
    return ok;
  return notFinite("\"" + tensor->spec->name + "\" became infinite or NaN");
}

void Trainer::startHashing() {
  try {
    hashing = std::jthread([this] { hash = checksumOf(data.train); });
  } catch (const std::system_error &) {
    // No thread to be had: trainedHash does it.
  }
}

const std::string &Trainer::trainedHash() {
  if (hashing.joinable())
    hashing.join();
  if (hash.empty())
    hash = checksumOf(data.train);
  return hash;
}

// A failed write does not end hours of training: the next attempt may succeed,
// and the previous checkpoint is untouched.
Status Trainer::save() {
  if (Status error = checkFinite())
    return error;
  state.dataHash = trainedHash();
  summary.checkpointError = saveCheckpoint(model, state, options.checkpoint);
  if (!summary.checkpointError)
    savedStep = state.step;
  else
    observer.onWarning("checkpoint not written: " +
                       summary.checkpointError->message);
  return ok;
}

} // namespace gradmill::rt
