#include "test/Testing.h"
#include "train/Watch.h"

#include <cmath>

namespace gradmill::rt {

static Manifest withAccuracy() {
  Manifest manifest;
  manifest.name = "net";
  PortSpec accuracy;
  accuracy.name = "accuracy";
  accuracy.role = PortRole::Metric;
  accuracy.share = true;
  manifest.ports.push_back(accuracy);
  return manifest;
}

static std::unique_ptr<Judge> watch(TrainOptions options,
                                    const Manifest &manifest) {
  options.validation.amount = 0.1;
  auto made = makeWatch(options, manifest);
  EXPECT_TRUE(bool(made));
  return std::move(*made);
}

// What the judge says of epochs with these losses (or accuracies).
static std::vector<Judge::Verdict> see(Judge &judge,
                                       const std::vector<double> &values,
                                       const PortSpec *metric = nullptr,
                                       int64_t from = 1) {
  std::vector<Judge::Verdict> verdicts;
  for (double value : values) {
    EpochReport report;
    report.step.epoch = from++;
    report.validation.loss = value;
    if (metric)
      report.validation.metrics = {{metric, value}};
    verdicts.push_back(judge.see(report));
  }
  return verdicts;
}

TEST(Watch, StopsWithoutABetterEpoch) {
  Manifest manifest = withAccuracy();
  TrainOptions options;
  options.patience = 2;
  auto judge = watch(options, manifest);
  auto said = see(*judge, {1, 0.5, 0.6, 0.4, std::nan(""), 0.4});
  std::vector<bool> best, stop;
  for (const auto &verdict : said)
    best.push_back(verdict.best), stop.push_back(verdict.stop);
  EXPECT_EQ(best, (std::vector<bool>{1, 1, 0, 1, 0, 0}));
  EXPECT_EQ(stop, (std::vector<bool>{0, 0, 0, 0, 0, 1}));
  EXPECT_TRUE(judge->stopped());
  EXPECT_EQ(judge->bestEpoch(), 4);
  EXPECT_EQ(judge->bestText(), "loss 0.4000");
  EXPECT_EQ(said.back().note, "stopping: no better loss for 2 epochs");
}

TEST(Watch, OfAMetricMoreIsBetter) {
  Manifest manifest = withAccuracy();
  TrainOptions options;
  options.keepBest = "best";
  options.watch = "accuracy";
  auto judge = watch(options, manifest);
  auto said = see(*judge, {0.5, 0.4, 0.6}, &manifest.ports[0]);
  EXPECT_TRUE(said[0].best && !said[1].best && said[2].best);
  EXPECT_EQ(judge->bestText(), "accuracy 60.00%");
}

// torch.optim.lr_scheduler.ReduceLROnPlateau(factor=0.1, patience=1,
// min_lr=0.005): the rates before each epoch.
TEST(Watch, Plateau) {
  Manifest manifest = withAccuracy();
  TrainOptions options;
  options.schedule = {ScheduleKind::Plateau, 1};
  options.schedule.plateauPatience = 1;
  options.schedule.minLr = 0.005;
  auto judge = watch(options, manifest);
  std::vector<double> rates;
  // A gain of 0.005 % is none.
  for (double loss : {1.0, 0.99995, 1.2, 0.5, 0.6, 0.7, 0.6, 0.6, 0.6, 0.6}) {
    rates.push_back(judge->adjust(1));
    see(*judge, {loss});
  }
  std::vector<double> expected = {1,    1,    1,    0.1,   0.1,
                                  0.1,  0.01, 0.01, 0.005, 0.005};
  for (size_t i = 0; i < rates.size(); ++i)
    EXPECT_NEAR(rates[i], expected[i], 1e-15) << i;
}

// A state that was stored continues as if nothing had been.
TEST(Watch, StateGoesOn) {
  Manifest manifest = withAccuracy();
  TrainOptions options;
  options.patience = 3;
  options.schedule = {ScheduleKind::Plateau, 1};
  options.schedule.plateauPatience = 1;
  std::vector<double> losses = {1, 0.7, 0.8, 0.9, 0.6, 0.9, 0.9, 0.9};
  auto whole = watch(options, manifest);
  see(*whole, losses);
  for (size_t cut = 0; cut <= losses.size(); ++cut) {
    auto first = watch(options, manifest), second = watch(options, manifest);
    auto at = losses.begin() + ptrdiff_t(cut);
    see(*first, {losses.begin(), at});
    ASSERT_TRUE(second->adopt(first->state()));
    see(*second, {at, losses.end()}, nullptr, int64_t(cut) + 1);
    EXPECT_EQ(second->state(), whole->state()) << cut;
    EXPECT_EQ(second->stopped(), whole->stopped());
    EXPECT_EQ(second->adjust(1), whole->adjust(1));
  }
  for (const char *bad : {"", "[]", "{}", "{\"epoch\":\"x\"}"})
    EXPECT_FALSE(whole->adopt(bad)) << bad;
}

TEST(Watch, WhatCannotBe) {
  Manifest manifest = withAccuracy();
  TrainOptions options;
  EXPECT_EQ(watch(options, manifest), nullptr); // nothing asked for
  options.patience = 2;
  auto made = makeWatch(options, manifest);
  ASSERT_FALSE(bool(made));
  EXPECT_EQ(made.error().code, "no_validation");
  options.validation.amount = 0.1;
  options.watch = "acuracy";
  made = makeWatch(options, manifest);
  ASSERT_FALSE(bool(made));
  EXPECT_NE(made.error().message.find("did you mean accuracy?"),
            std::string::npos);
}

} // namespace gradmill::rt
