#include "core/Json.h"
#include "core/ProcessClock.h"
#include "report/Metrics.h"
#include "test/Testing.h"
#include "train/Evaluate.h"

#include <cmath>
#include <csignal>
#include <sys/resource.h>

namespace gradmill::rt {

// 168 images, batch 16: 10 steps an epoch and 8 images left over.
static TrainOptions quickOptions(const TemporaryDirectory &dir) {
  TrainOptions options;
  options.epochs = 3;
  options.schedule.kind = ScheduleKind::OneCycle;
  options.schedule.lr = 0.05;
  options.augment.rotationDegrees = 5;
  options.checkpoint = dir.file("c.safetensors");
  return options;
}

static Result<TrainSummary> train(Model &model, const TrainOptions &options,
                                  int64_t stopAfter = 0,
                                  TrainObserver *observer = nullptr) {
  static DatasetSplit data = barSplit();
  TrainObserver silent;
  Trainer trainer(model, data, options, observer ? *observer : silent);
  int64_t steps = 0;
  trainer.stopRequested = [&] { return stopAfter && ++steps >= stopAfter; };
  return trainer.run();
}

TEST(Trainer, Learns) {
  TemporaryDirectory dir;
  auto model = fakeModel();
  TrainOptions options = quickOptions(dir);
  options.epochs = 6;
  auto summary = train(*model, options);
  ASSERT_TRUE(bool(summary)) << summary.error().message;
  ASSERT_EQ(summary->last.test.metrics.size(), 1u);
  EXPECT_GT(summary->last.test.metrics[0].value, 0.9);
  EXPECT_EQ(summary->last.step.step, 60);
  EXPECT_TRUE(summary->saved);
  Dataset test = barData(75, 2);
  auto again = evaluate(*model, test, *evaluationColumns(*model, test));
  ASSERT_TRUE(bool(again));
  EXPECT_EQ(again->samples, 75); // the padding does not count
  EXPECT_EQ(again->metrics[0].value, summary->last.test.metrics[0].value);
  EXPECT_EQ(again->loss, *summary->last.test.loss);
}

TEST(Trainer, ThreadsDoNotMatter) {
  TemporaryDirectory dir;
  std::string expected;
  for (int threads : {1, 2, 5}) {
    auto model = fakeModel(threads);
    ASSERT_TRUE(bool(train(*model, quickOptions(dir))));
    if (expected.empty())
      expected = stateBytes(*model);
    EXPECT_EQ(stateBytes(*model), expected);
  }
}

TEST(Trainer, ResumesExactlyAtAnyStep) {
  TemporaryDirectory dir;
  auto whole = fakeModel();
  ASSERT_TRUE(bool(train(*whole, quickOptions(dir))));
  for (int64_t stop : {1, 7, 10, 11, 29}) {
    auto first = fakeModel();
    TrainOptions options = quickOptions(dir);
    auto part = train(*first, options, stop);
    ASSERT_TRUE(bool(part));
    EXPECT_TRUE(part->interrupted);
    EXPECT_TRUE(part->saved);
    // Nothing but the file: the recipe comes from the checkpoint.
    TrainOptions resumed;
    resumed.resume = resumed.checkpoint = options.checkpoint;
    auto second = fakeModel(2);
    auto rest = train(*second, resumed);
    ASSERT_TRUE(bool(rest)) << rest.error().message;
    EXPECT_EQ(rest->last.step.step, 30);
    EXPECT_EQ(stateBytes(*second), stateBytes(*whole)) << stop;
  }
}

TEST(Trainer, MaxStepsThenResume) {
  TemporaryDirectory dir;
  auto whole = fakeModel(), parts = fakeModel();
  ASSERT_TRUE(bool(train(*whole, quickOptions(dir))));
  TrainOptions options = quickOptions(dir);
  options.maxSteps = 13;
  auto first = train(*parts, options);
  ASSERT_TRUE(bool(first));
  EXPECT_FALSE(first->interrupted);
  EXPECT_TRUE(first->last.test.loss.has_value());
  options.maxSteps = 0;
  options.resume = options.checkpoint;
  ASSERT_TRUE(bool(train(*parts, options)));
  EXPECT_EQ(stateBytes(*parts), stateBytes(*whole));
}

TEST(Trainer, DivergenceKeepsTheLastGoodCheckpoint) {
  TemporaryDirectory dir;
  auto model = fakeModel();
  TrainOptions options = quickOptions(dir);
  options.maxSteps = 10;
  ASSERT_TRUE(bool(train(*model, options)));
  std::string good = readText(options.checkpoint);
  options.resume = options.checkpoint;
  options.maxSteps = 0;
  options.schedule.lr = 1e38;
  options.given = {"lr"};
  options.checkpointEvery = 1;
  auto result = train(*model, options);
  ASSERT_FALSE(bool(result));
  EXPECT_EQ(result.error().code, "loss_not_finite");
  EXPECT_NE(result.error().message.find("--lr"), std::string::npos);
  auto kept = fakeModel();
  auto state = loadCheckpoint(*kept, options.checkpoint);
  ASSERT_TRUE(bool(state));
  for (float weight : std::vector<float>(
           static_cast<float *>(kept->tensor("weight")->data),
           static_cast<float *>(kept->tensor("weight")->data) + 7840))
    ASSERT_TRUE(std::isfinite(weight));
}

// The loss of the last step is finite, the weights that it leaves are not.
TEST(Trainer, DivergenceInTheLastStepIsAnErrorWithoutACheckpoint) {
  TemporaryDirectory dir;
  auto model = fakeModel();
  TrainOptions options = quickOptions(dir);
  options.noCheckpoint = true;
  options.schedule = {ScheduleKind::Constant, 1e39}; // infinite as a float
  for (int64_t steps : {1, 10}) {
    options.maxSteps = steps;
    auto result = train(*model, options);
    ASSERT_FALSE(bool(result));
    EXPECT_EQ(result.error().code, "loss_not_finite");
    EXPECT_EQ(result.error().exit, kFailure);
    EXPECT_EQ(result.error().message.find("-nan"), std::string::npos);
  }
  options.maxSteps = 1;
  auto interrupted = train(*model, options, 1);
  EXPECT_FALSE(bool(interrupted));
}

// Weights are finite, what they make of an image is not: the training goes on.
TEST(Trainer, TestsThatAreNotFiniteAreCounted) {
  TemporaryDirectory dir;
  auto model = fakeModel();
  TrainOptions options = quickOptions(dir);
  options.maxSteps = 1;
  options.schedule = {ScheduleKind::Constant, 1e38};
  auto result = train(*model, options);
  ASSERT_TRUE(bool(result)) << result.error().message;
  EXPECT_GT(result->last.test.notFinite, 0);
  EXPECT_EQ(model->firstNotFinite(), nullptr);
}

TEST(Model, FindsTheFirstTensorThatIsNotFinite) {
  auto model = fakeModel();
  EXPECT_EQ(model->firstNotFinite(), nullptr);
  static_cast<float *>(model->tensor("bias")->data)[9] = -INFINITY;
  EXPECT_EQ(model->firstNotFinite(), model->tensor("bias"));
  static_cast<float *>(model->tensor("weight")->data)[7839] = NAN;
  EXPECT_EQ(model->firstNotFinite(), model->tensor("weight"));
}

TEST(Trainer, RefusesWrongData) {
  TemporaryDirectory dir;
  auto model = fakeModel();
  TrainObserver silent;
  auto codeOf = [&](const DatasetSplit &data) {
    Trainer trainer(*model, data, quickOptions(dir), silent);
    auto result = trainer.run();
    return result ? std::string("ok") : result.error().code;
  };
  DatasetSplit wide = barSplit();
  wide.train.columns[0].shape = {1, 56, 14};
  EXPECT_EQ(codeOf(wide), "data_mismatch");
  DatasetSplit labels = barSplit();
  labels.test.columns[1].values[3] = 10;
  EXPECT_EQ(codeOf(labels), "data_mismatch");
  EXPECT_EQ(codeOf(barSplit(15)), "data_too_small");
  EXPECT_EQ(codeOf(barSplit(16, 0)), "ok"); // nothing to test on
  std::filesystem::remove(dir.file("c.safetensors"));
  EXPECT_EQ(dir.count(), 0u); // nothing written
}

TEST(Trainer, RefusesOtherDataOnResume) {
  TemporaryDirectory dir;
  auto model = fakeModel();
  TrainOptions options = quickOptions(dir);
  options.maxSteps = 3;
  ASSERT_TRUE(bool(train(*model, options)));
  options.resume = options.checkpoint;
  DatasetSplit other = {barData(168, 5), barData(75, 2), "other", {}};
  TrainObserver silent;
  Trainer trainer(*model, other, options, silent);
  auto result = trainer.run();
  ASSERT_FALSE(bool(result));
  EXPECT_EQ(result.error().code, "data_mismatch");
}

TEST(Trainer, UnwritableCheckpointFailsBeforeTraining) {
  TemporaryDirectory dir;
  auto model = fakeModel();
  TrainOptions options = quickOptions(dir);
  options.checkpoint = dir.file("none/c");
  auto result = train(*model, options);
  ASSERT_FALSE(bool(result));
  EXPECT_EQ(result.error().exit, kIo);
}

TEST(Trainer, MetricsAreJsonLines) {
  TemporaryDirectory dir;
  auto model = fakeModel();
  auto metrics = Metrics::open(dir.file("m.jsonl"), 10);
  ASSERT_TRUE(bool(metrics));
  ASSERT_TRUE(bool(train(*model, quickOptions(dir), 0, metrics->get())));
  std::string text = readText(dir.file("m.jsonl"));
  // What the run is, a step in ten, the epochs.
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 7);
  Json first = parseJson(text.substr(0, text.find('\n')));
  EXPECT_EQ(first.find("type")->get<std::string>(), "run");
  EXPECT_EQ(first.find("options")->find("rotate")->get<double>(), 5);
  EXPECT_NE(text.find("\"test_accuracy\""), std::string::npos);
  EXPECT_FALSE(bool(Metrics::open(dir.file("none/m"))));
  EXPECT_FALSE(bool(Metrics::open("/dev/null")));
  auto full = Metrics::open(dir.file("full"));
  ASSERT_TRUE(bool(full));
  rlimit before, small; // a full disk, as far as write() can tell
  getrlimit(RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 4;
  auto *handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  (*full)->onEpoch({});
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(bool((*full)->status()));
}

TEST(Trainer, SaysWhenTheFirstStepWasDone) {
  TemporaryDirectory dir;
  auto model = fakeModel();
  double before = processSeconds();
  auto result = train(*model, quickOptions(dir));
  ASSERT_TRUE(bool(result));
  EXPECT_GT(result->firstStepAt, before);
  EXPECT_LT(result->firstStepAt, processSeconds());
}

TEST(TrainOptions, RecipesInWords) {
  TrainOptions options;
  options.schedule.lr = 0.05;
  EXPECT_EQ(recipeText(options),
            "20 epochs, onecycle up to a learning rate of 0.05, warm-up 30 %");
  options.epochs = 1;
  options.schedule.kind = ScheduleKind::Cosine;
  EXPECT_EQ(recipeText(options), "1 epoch, cosine, learning rate 0.05");
  options.given = {"lr", "lr-gamma", "min-lr", "warmup", "div-factor"};
  EXPECT_EQ(unusedOptions(options),
            (std::vector<std::string>{"lr-gamma", "div-factor"}));
  options.schedule.kind = ScheduleKind::Constant;
  EXPECT_EQ(unusedOptions(options),
            (std::vector<std::string>{"lr-gamma", "div-factor", "min-lr"}));
}

TEST(TrainOptions, AdoptTakesStoredUnlessGiven) {
  TrainOptions stored;
  stored.epochs = 7;
  stored.schedule.kind = ScheduleKind::Cosine;
  stored.schedule.warmup = 0.2;
  TrainOptions mine;
  mine.seed = 5;
  mine.given = {"seed"};
  auto changed = adoptOptions(mine, optionsText(stored));
  ASSERT_TRUE(bool(changed));
  EXPECT_EQ(*changed,
            std::vector<std::string>{"--seed is 5, in the checkpoint 1"});
  EXPECT_EQ(mine.epochs, 7);
  EXPECT_EQ(mine.seed, 5u);
  EXPECT_EQ(mine.schedule.kind, ScheduleKind::Cosine);
  EXPECT_EQ(mine.schedule.warmup, 0.2);
  for (const char *bad :
       {"", "[]", "{\"epochs\":\"x\"}", "{\"schedule\":\"x\"}",
        "{\"epochs\":0}", "{\"warmup\":[]}"})
    EXPECT_FALSE(bool(adoptOptions(mine, bad))) << bad;
}

} // namespace gradmill::rt
