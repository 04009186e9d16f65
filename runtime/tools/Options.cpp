// Declares the commands' options. Every value is checked here, so that a wrong
// one is a usage error that names the option and what it allows.
#include "tools/Commands.h"

#include "core/Number.h"
#include "core/Text.h"
#include "tools/OptionChecks.h"

#include <cmath>

namespace gradmill::rt {

static std::string shortNumber(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

CLI::Validator numberIn(double min, double max) {
  return [=](const std::string &text) -> std::string {
    double value;
    if (parseWhole(text, value) && value >= min && value <= max)
      return {};
    return "\"" + text + "\" is not a number in " + shortNumber(min) + ".." +
           shortNumber(max);
  };
}

CLI::Validator anySeed() {
  return [](const std::string &text) -> std::string {
    uint64_t value;
    if (parseWhole(text, value) && value <= uint64_t(INT64_MAX))
      return {};
    return "\"" + text + "\" is not a whole number in 0..2^63-1";
  };
}

CLI::Validator oneOf(std::vector<std::string> allowed) {
  return [=](const std::string &text) -> std::string {
    std::string list;
    for (const std::string &value : allowed) {
      if (text == value)
        return {};
      list += (list.empty() ? "" : ", ") + value;
    }
    return "\"" + text + "\" is not one of " + list;
  };
}

static CLI::Validator milestones() {
  return [](const std::string &text) -> std::string {
    return milestonesUpTo(0, text) == 0
               ? ""
               : join({"\"", text, "\" is no list of ascending epochs, as 10,15"});
  };
}

static constexpr int64_t kManySteps = int64_t(1) << 40;

static void addMaxUnpack(CLI::App &app, uint64_t &times) {
  app.add_option("--max-unpack", times,
                 "Compressed files may become so many times larger (100)")
      ->take_last()
      ->type_name("N")
      ->group("Data")
      ->check(CLI::Range(1, int64_t(kMostUnpack)));
}

void addData(CLI::App &app, std::string &data, std::string &map,
                    std::string &cacheDir, bool &allowDownload,
                    uint64_t &maxUnpack) {
  app.add_option("--data", data,
                 "mnist, digits (drawn), a file or directory, or auto")
      ->take_last()
      ->type_name("SOURCE")
      ->group("Data");
  app.add_option("--map", map,
                 "Which column of the data goes to which port, by name")
      ->take_last()
      ->type_name("PORT=COLUMN,...")
      ->group("Data");
  app.add_option("--data-cache", cacheDir, "Where downloads are kept")
      ->take_last()
      ->type_name("DIR")
      ->group("Data");
  app.add_flag_callback(
         "--no-download", [&allowDownload] { allowDownload = false; },
         "Use only data at hand")
      ->group("Data");
  addMaxUnpack(app, maxUnpack);
}

void addThreads(CLI::App &app, int &threads) {
  app.add_option("-j,--threads", threads, "1..64; 0: one per core")
      ->take_last()
      ->type_name("N")
      ->check(CLI::Range(0, ThreadPool::kMaxThreads));
}

static void addWeights(CLI::App &app, std::string &weights) {
  app.add_option("-w,--weights", weights,
                 "Weights or checkpoint (default: NAME.ckpt.safetensors)")
      ->take_last()
      ->type_name("FILE");
}

namespace {
// Declares options that shape the numbers: each notes that it was given.
class RecipeOptions {
public:
  RecipeOptions(CLI::App &app, TrainOptions &options, const char *group)
      : app(app), options(options), group(group) {}

  template <typename T>
  void add(const char *name, T &value, const CLI::Validator &check,
           const char *type, const char *text) {
    finish(app.add_option(std::string("--") + name, value, text), name, check,
           type);
  }
  template <typename T, typename Set>
  void addFunction(const char *name, Set set, const CLI::Validator &check,
                   const char *type, const char *text) {
    finish(app.add_option_function<T>(std::string("--") + name, set, text),
           name, check, type);
  }

private:
  void finish(CLI::Option *option, const char *name,
              const CLI::Validator &check, const char *type) {
    option->take_last()->type_name(type)->group(group)->check(check);
    auto &given = options.given;
    option->each([&given, name](const std::string &) { given.insert(name); });
  }

  CLI::App &app;
  TrainOptions &options;
  const char *group;
};
} // namespace

static void addRecipe(CLI::App &app, TrainOptions &o) {
  RecipeOptions recipe(app, o, "Recipe");
  Schedule &s = o.schedule;
  recipe.add("epochs", o.epochs, CLI::Range(1, 100000), "N",
             "Passes over the training images (20)");
  recipe.add("lr", s.lr, numberIn(1e-12, 1e3), "RATE",
             "Learning rate, the peak of onecycle (by optimizer and batch)");
  recipe.addFunction<std::string>(
      "schedule",
      [&s](const std::string &name) { s.kind = *scheduleFromName(name); },
      [](const std::string &text) {
        return scheduleFromName(text) ? ""
                                      : join({"\"", text, "\" is not one of ",
                                              scheduleNames(),
                                              ", or a plugin's"});
      },
      "NAME", "constant, step, multistep, exponential, cosine, triangle, plateau or "
      "onecycle (onecycle)");
  recipe.add("lr-step", s.stepEpochs, CLI::Range(1, 100000), "EPOCHS",
             "step: epochs between drops (6)");
  recipe.add("lr-milestones", s.milestones, milestones(), "EPOCHS",
             "multistep: the epochs that drop, as 10,15");
  recipe.addFunction<double>(
      "lr-gamma", [&s](double value) { s.gamma = value; }, numberIn(1e-6, 1),
      "FACTOR", "Factor of a drop (0.1), or of an epoch (exponential, 0.95)");
  recipe.add("cycle", s.cycleEpochs, CLI::Range(1, 100000), "EPOCHS",
             "triangle: up and down again in so many epochs (2)");
  recipe.addFunction<double>(
      "warmup", [&s](double value) { s.warmup = value; }, numberIn(0, 0.99),
      "FRACTION", "Steps that rise to the peak (onecycle 0.3, else 0)");
  recipe.add("div-factor", s.divFactor, numberIn(1, 1e9), "F",
             "onecycle, triangle: start at RATE / F (25)");
  recipe.add("final-div-factor", s.finalDiv, numberIn(1, 1e12), "F",
             "onecycle: ends at its start / F (10000)");
  recipe.add("min-lr", s.minLr, numberIn(0, 1e3), "RATE",
             "cosine, plateau: the lowest rate (0)");
  recipe.add("seed", o.seed, anySeed(), "N",
             "Of weights, shuffles, dropout and augmentation (1)");
  RecipeOptions augment(app, o, "Augmentation, all off by default");
  augment.add("rotate", o.augment.rotationDegrees, numberIn(0, 180), "DEGREES",
              "Rotate within ± DEGREES");
  augment.add("translate", o.augment.translatePixels, numberIn(0, 1000),
              "PIXELS", "Shift within ± PIXELS");
  augment.add("scale", o.augment.scale, numberIn(0, 0.9), "FRACTION",
              "Resize within 1 ± FRACTION");
  augment.add("shear", o.augment.shearDegrees, numberIn(0, 60), "DEGREES",
              "Shear within ± DEGREES");
}

static void addFiles(CLI::App &app, TrainOptions &o) {
  auto file = [&](const char *name, std::string &value, const char *text) {
    app.add_option(name, value, text)
        ->take_last()
        ->type_name("FILE")
        ->group("Files");
  };
  file("--checkpoint", o.checkpoint, "Default: NAME.ckpt.safetensors");
  app.add_option("--checkpoint-every", o.checkpointEvery,
                 "Steps between checkpoints (default: each epoch)")
      ->take_last()
      ->type_name("N")
      ->group("Files")
      ->check(CLI::Range(1, kManySteps));
  app.add_flag("--no-checkpoint", o.noCheckpoint, "Keep nothing")
      ->group("Files");
  app.add_flag("--overwrite", o.overwrite,
               "The checkpoint may be another net's")
      ->group("Files");
  file("--resume", o.resume, "Continue a checkpoint, exactly");
  file("--weights", o.weights, "Start from these weights");
  app.add_flag("--partial-weights", o.partialWeights,
               "Take of --weights what fits; the rest begins anew")
      ->group("Files");
  file("--save-weights", o.saveWeights, "Also save the plain weights here");
  file("--metrics", o.metrics, "Append metrics here, as JSON lines");
  static std::string unused; // expandConfig has replaced it by its content
  file("--config", unused, "Read options from a TOML or INI file");
}

void addTrainingOptions(CLI::App &app, TrainOptions &o) {
  addRecipe(app, o);
  addFiles(app, o);
  app.add_option("--eval-every", o.evalEvery,
                 "Epochs between tests (1); 0: only at the end")
      ->take_last()
      ->type_name("N")
      ->check(CLI::Range(0, 100000));
  app.add_option("--max-steps", o.maxSteps, "Stop after so many steps")
      ->take_last()
      ->type_name("N")
      ->check(CLI::Range(0, kManySteps));
}

void addTrainOptions(CLI::App &app, TrainOptions &o) {
  addData(app, o.data, o.map, o.cacheDir, o.allowDownload, o.maxUnpack);
  for (const char *name : {"data", "map"})
    app.get_option(std::string("--") + name)
        ->each([&o, name](const std::string &) { o.given.insert(name); });
  addTrainingOptions(app, o);
  addThreads(app, o.threads);
  app.add_option("--distributed", o.distributed,
                 "none, mpi, a backend's path, processes:N; auto: by launcher")
      ->take_last()
      ->type_name("HOW");
  app.add_option("--demo", o.demo, "Test images to show at the end (5)")
      ->take_last()
      ->type_name("N")
      ->check(CLI::Range(0, 1000));
  app.add_flag("-q,--quiet", o.quiet, "No progress");
  app.add_flag("--json", o.json, "Summary as JSON on standard output");
}

void addEvalOptions(CLI::App &app, EvalOptions &o) {
  addData(app, o.data, o.map, o.cacheDir, o.allowDownload, o.maxUnpack);
  addWeights(app, o.weights);
  addThreads(app, o.threads);
  app.add_flag("--json", o.json, "Print JSON");
}

void addPredictOptions(CLI::App &app, PredictOptions &o) {
  app.add_option("IMAGE", o.images, "PNG files, of any size")->required();
  addWeights(app, o.weights);
  app.add_option("--invert", o.invert,
                 "Dark ink on light ground: auto, yes or no")
      ->take_last()
      ->type_name("WHEN")
      ->check(oneOf({"auto", "yes", "no"}));
  addMaxUnpack(app, o.maxUnpack);
  addThreads(app, o.threads);
  app.add_flag("--json", o.json, "Print JSON");
}

void addRunOptions(CLI::App &app, RunOptions &o) {
  app.add_option("INPUT", o.inputs,
                 "Normalized data: .npy or raw files, one for each port as "
                 "PORT=FILE; none: random");
  app.add_option("--entry", o.entry,
                 "Run this entry once, on one batch (a wrong name lists them)")
      ->take_last()
      ->type_name("NAME");
  addWeights(app, o.weights);
  app.add_flag("--init", o.initialWeights, "Freshly initialized weights");
  app.add_option("--count", o.count, "Random samples (1)")
      ->take_last()
      ->type_name("N")
      ->check(CLI::Range(1, 100000));
  app.add_option("--seed", o.seed, "Of random samples and --init (1)")
      ->take_last()
      ->type_name("N")
      ->check(anySeed());
  addThreads(app, o.threads);
  app.add_flag("--json", o.json, "Print JSON");
}

void addBenchOptions(CLI::App &app, BenchOptions &o) {
  bool *train = &o.train;
  app.add_flag("--train", o.train, "Time training steps");
  app.add_flag_callback(
      "--infer", [train] { *train = false; }, "Time inference (default)");
  addThreads(app, o.threads);
  app.add_option("--rounds", o.rounds, "Rounds; their median counts (5)")
      ->take_last()
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  app.add_option("--seconds", o.seconds, "Length of a round (1)")
      ->take_last()
      ->type_name("S")
      ->check(numberIn(0.01, 3600));
  app.add_flag("--per-op", o.perOp,
               "Time each kernel: GFLOP/s, share of the FMA peak, why");
  app.add_flag("--best", o.best,
               "With --per-op: the fastest of all steps, not the median");
  app.add_option_function<std::string>(
         "--sort", [&o](const std::string &by) { o.byTime = by == "time"; },
         "Kernels in order of execution (order) or by time")
      ->take_last()
      ->type_name("BY")
      ->check(oneOf({"order", "time"}));
  app.add_flag("--json", o.json, "Print JSON");
}

void addInfoOptions(CLI::App &app, InfoOptions &o) {
  app.add_flag("--tensors", o.tensors, "List every tensor");
  app.add_flag("--json", o.json, "Print the manifest");
}

} // namespace gradmill::rt
