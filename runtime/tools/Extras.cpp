#include "tools/Extras.h"

#include "checkpoint/Checkpoint.h"
#include "core/Number.h"
#include "data/augment/Augment.h"
#include "tools/EvalDetails.h"
#include "tools/OptionChecks.h"
#include "train/Mixup.h"
#include "train/Momentum.h"
#include "train/Watch.h"

#include <unistd.h>

namespace gradmill::rt {
namespace {

// A fraction of the samples, or how many.
std::string fractionOrCount(const std::string &text) {
  double value = 0;
  int64_t count = 0;
  if ((parseWhole(text, count) && count >= 1) ||
      (parseWhole(text, value) && value > 0 && value < 1))
    return {};
  return "\"" + text +
         "\" is neither a fraction between 0 and 1 nor a whole number";
}

// "0.85:0.95".
bool parseRange(const std::string &text, double &low, double &high) {
  size_t colon = text.find(':');
  return colon != text.npos && parseWhole(text.substr(0, colon), low) &&
         parseWhole(text.substr(colon + 1), high) && low >= 0 && low <= high &&
         high > 0 && high < 1;
}

// Declares --val-split and --val-seed; `given` hears the names of those given.
void addSplit(CLI::App &app, ValidationSplit &split,
              std::function<void(const char *)> given) {
  auto finish = [&](CLI::Option *option, const char *name, const char *type) {
    option->take_last()->type_name(type)->group("Data");
    option->each([given, name](const std::string &) { given(name); });
    return option;
  };
  finish(app.add_option("--val-split", split.amount,
                        "Hold out training samples to validate with: a "
                        "fraction, or how many"),
         "val-split", "F")
      ->check(fractionOrCount);
  finish(app.add_option("--val-seed", split.seed, "Which of them (1)"),
         "val-seed", "N")
      ->check(anySeed());
}

// What the weights were trained with, if they are a checkpoint.
std::optional<TrainState> trainedBy(const Model &model,
                                    const EvalOptions &options) {
  std::string file = options.weights;
  if (file.empty())
    file = defaultWeights(model);
  auto state = peekCheckpoint(file);
  return state ? std::optional<TrainState>(*state) : std::nullopt;
}

Error wrongSplit(const std::string &what) {
  return Error{kUsage, "val_split", what};
}

Result<ValidationSplit> splitFor(const EvalOptions &options,
                                 const std::optional<TrainState> &state) {
  TrainOptions stored;
  if (state)
    if (auto adopted = adoptOptions(stored, state->options); !adopted)
      return adopted.error();
  ValidationSplit split = stored.validation;
  bool seedSaid = options.validation.seed != ValidationSplit().seed;
  if (!options.validation && !seedSaid)
    return split;
  if (split && options.validation != split)
    return wrongSplit("these weights were trained with --val-split " +
                      splitText(split) + ", not " +
                      splitText(options.validation) +
                      ": leave out --val-split and --val-seed");
  return options.validation;
}

Result<Dataset *> choosePart(const EvalOptions &options, const Model &model,
                             DatasetSplit &data) {
  Dataset *part = &data.test;
  if (options.part != "test") {
    std::optional<TrainState> state = trainedBy(model, options);
    auto split = splitFor(options, state);
    if (!split)
      return split.error();
    if (Status error = holdOutValidation(data, *split))
      return *error;
    bool validates = options.part == "val";
    if (validates && !*split)
      return wrongSplit("--split val: nothing was held out: these weights were "
                        "trained without --val-split");
    if (validates && state && checksumOf(data.train) != state->dataHash)
      return Error{kBadInput, "data_mismatch",
                   "--split val: the weights were trained on other samples than "
                   "the rest of " +
                       data.source +
                       ", perhaps on these; name the --data and --val-split of "
                       "the training"};
    part = validates ? &data.validation : &data.train;
  }
  if (options.limit)
    part->samples = std::min(part->samples, uint64_t(options.limit));
  return part;
}

} // namespace

void addTrainExtras(CLI::App &app, TrainOptions &o) {
  o.holdOut = holdOutValidation;
  addSplit(app, o.validation, [&o](const char *name) { o.given.insert(name); });
  o.parseAugment = parseAugment;
  o.makeMixer = makeMixer;
  app.add_option("--augment", o.augmentation,
                 "Steps: 'rotate(10) | shift(2) | flip_h | cutout(8)'")
      ->take_last()
      ->type_name("STEPS")
      ->group("Augmentation, all off by default")
      ->each([&o](const std::string &) { o.given.insert("augment"); });
  o.cycleMomentum = cycleMomentum;
  app.add_option_function<std::string>(
         "--momentum-range",
         [&o](const std::string &text) {
           parseRange(text, o.schedule.momentumLow, o.schedule.momentumHigh);
         },
         "onecycle, triangle: momentum between these, low where the rate is "
         "high")
      ->take_last()
      ->type_name("LOW:HIGH")
      ->group("Recipe")
      ->check([](const std::string &text) {
        double low = 0, high = 0;
        return parseRange(text, low, high)
                   ? std::string()
                   : "\"" + text + "\" is no range of momenta, as 0.85:0.95";
      })
      ->each([&o](const std::string &) {
        o.given.insert({"momentum-range", "momentum-low", "momentum-high"});
      });
  o.makeJudge = makeWatch;
  auto recipe = [&](CLI::Option *option, const char *name, const char *type) {
    option->take_last()->type_name(type)->group("By validation samples");
    option->each([&o, name](const std::string &) { o.given.insert(name); });
    return option;
  };
  recipe(app.add_option("--watch", o.watch,
                        "What is judged: loss, or a metric (loss)"),
         "watch", "NAME");
  recipe(app.add_option("--patience", o.patience,
                        "Stop after so many epochs without a better one"),
         "patience", "EPOCHS")
      ->check(CLI::Range(1, 100000));
  recipe(app.add_option("--lr-patience", o.schedule.plateauPatience,
                        "plateau: epochs without a better one (5)"),
         "lr-patience", "EPOCHS")
      ->check(CLI::Range(0, 100000));
  app.add_option("--keep-best", o.keepBest,
                 "Keep the best epoch's checkpoint here, beside the last one's")
      ->take_last()
      ->type_name("FILE")
      ->group("By validation samples");
}

void addEvalExtras(CLI::App &app, EvalOptions &o) {
  o.choosePart = choosePart;
  app.add_option("--split", o.part, "Which samples: train, val or test (test)")
      ->take_last()
      ->type_name("PART")
      ->group("Data")
      ->check(oneOf({"train", "val", "test"}));
  addSplit(app, o.validation, [](const char *) {});
  app.add_option("--limit", o.limit, "The first N samples only")
      ->take_last()
      ->type_name("N")
      ->group("Data")
      ->check(CLI::Range(1, INT64_MAX));
  o.makeDetails = makeEvalDetails;
  app.add_flag("--per-class", o.perClass,
               "Recall, precision and F1 of each class")
      ->group("Classes");
  app.add_flag("--confusion", o.confusion, "Which class is taken for which")
      ->group("Classes");
  app.add_option("--wrong", o.wrong,
                 "Write the samples whose class is not guessed: a list, and a "
                 "picture of each")
      ->take_last()
      ->type_name("DIR")
      ->group("Classes");
  app.add_option("--wrong-limit", o.wrongLimit, "Pictures at most (1000)")
      ->take_last()
      ->type_name("N")
      ->group("Classes")
      ->check(CLI::Range(0, 1000000));
}

void addFullTrainOptions(CLI::App &app, TrainOptions &options) {
  addTrainOptions(app, options);
  options.distribute = trainDistributed;
  app.add_option_function<std::string>(
         "--reduce", [&options](const std::string &how) {
           options.reduceFast = how == "fast";
         },
         "exact: the same bits for any number of processes; fast: less to send")
      ->take_last()
      ->type_name("HOW")
      ->check([](const std::string &how) {
        return how == "exact" || how == "fast" ? "" : "is not exact or fast";
      });
  addTrainExtras(app, options);
  static std::string unused; // whoever sees it calls runSweep
  app.add_option("--seeds", unused,
                 "Several runs, their mean and spread: 3, 1..5 or 1,4 (see "
                 "gradmill sweep --help)")
      ->type_name("LIST")
      ->group("Recipe");
}

void addFullEvalOptions(CLI::App &app, EvalOptions &options) {
  addEvalOptions(app, options);
  addEvalExtras(app, options);
}

} // namespace gradmill::rt
