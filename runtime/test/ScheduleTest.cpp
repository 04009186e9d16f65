#include "train/Momentum.h"
#include "train/Schedule.h"

#include <gtest/gtest.h>
#include <vector>

namespace gradmill::rt {

static double rate(const Schedule &s, int64_t step, int64_t total = 10,
                   int64_t perEpoch = 2) {
  return learningRate(s, step, total, perEpoch);
}

static std::vector<std::string> kinds() {
  return {"constant",  "step",        "cosine",   "onecycle",
          "multistep", "exponential", "triangle", "plateau"};
}

TEST(Schedule, Names) {
  EXPECT_EQ(scheduleFromName("onecycle"), ScheduleKind::OneCycle);
  EXPECT_EQ(scheduleFromName("linear"), std::nullopt);
  std::string all;
  for (const std::string &name : kinds()) {
    EXPECT_EQ(scheduleName(*scheduleFromName(name)), name);
    all += (all.empty() ? "" : ", ") + name;
  }
  EXPECT_EQ(all, scheduleNames());
  EXPECT_STREQ(scheduleName(ScheduleKind::Cosine), "cosine");
}

TEST(Schedule, ConstantAndStep) {
  Schedule s;
  EXPECT_EQ(rate(s, 7), 0.01);
  s.kind = ScheduleKind::Step;
  s.lr = 1;
  s.stepEpochs = 2; // of 2 steps each
  EXPECT_DOUBLE_EQ(rate(s, 0), 1);
  EXPECT_DOUBLE_EQ(rate(s, 3), 1);
  EXPECT_DOUBLE_EQ(rate(s, 4), 0.1);
  EXPECT_DOUBLE_EQ(rate(s, 8), 0.01);
}

static std::vector<double> rates(const Schedule &s, int64_t total,
                                 int64_t perEpoch) {
  std::vector<double> list;
  for (int64_t step = 0; step < total; ++step)
    list.push_back(rate(s, step, total, perEpoch));
  return list;
}

static void expectRates(const Schedule &s, int64_t perEpoch,
                        const std::vector<double> &expected) {
  std::vector<double> found = rates(s, int64_t(expected.size()), perEpoch);
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], 1e-12) << scheduleName(s.kind) << i;
}

// torch.optim.lr_scheduler.MultiStepLR(milestones=[2, 5], gamma=0.1).
TEST(Schedule, MultiStep) {
  Schedule s{ScheduleKind::MultiStep, 1};
  s.milestones = "2,5";
  expectRates(s, 1, {1, 1, 0.1, 0.1, 0.1, 0.01, 0.01});
  expectRates(s, 2, {1, 1, 1, 1, 0.1, 0.1});
  for (const char *bad : {"", "0", "5,2", "2,2", "2,", "a", "2;5", "-1", ",2",
                          "99999999999999999999"})
    EXPECT_EQ(milestonesUpTo(3, bad), -1) << bad;
}

// ExponentialLR(gamma=0.9), and our own default.
TEST(Schedule, Exponential) {
  Schedule s{ScheduleKind::Exponential, 1};
  s.gamma = 0.9;
  expectRates(s, 1, {1, 0.9, 0.81, 0.729, 0.6561});
  s.gamma = {};
  expectRates(s, 2, {1, 1, 0.95, 0.95});
}

// CyclicLR(base_lr=0.04, max_lr=1, step_size_up=4), then step_size_up=1.5.
TEST(Schedule, Triangle) {
  Schedule s{ScheduleKind::Triangle, 1};
  expectRates(s, 4, {0.04, 0.28, 0.52, 0.76, 1, 0.76, 0.52, 0.28, 0.04, 0.28});
  s.cycleEpochs = 1;
  expectRates(s, 3, {0.04, 0.68, 0.68, 0.04, 0.68, 0.68, 0.04});
}

// OneCycleLR(max_lr=1, pct_start=0.5, final_div_factor=1): up, and down to where
// it began.
TEST(Schedule, OneCycleWithoutAnnihilation) {
  Schedule s{ScheduleKind::OneCycle, 1};
  s.warmup = 0.5;
  s.finalDiv = 1;
  expectRates(s, 1, {0.04, 0.52, 1, 0.76, 0.28, 0.04});
}

// OneCycleLR(max_lr=1, pct_start=0.5, base_momentum=0.85, max_momentum=0.95) and
// CyclicLR(step_size_up=4, base_momentum=0.8, max_momentum=0.9).
TEST(Schedule, MomentumMovesAgainstTheRate) {
  Schedule s{ScheduleKind::OneCycle, 0.3};
  s.warmup = 0.5;
  s.momentumLow = 0.85, s.momentumHigh = 0.95;
  std::vector<double> expected = {0.95, 0.9, 0.85, 0.875, 0.925, 0.95};
  for (int64_t step = 0; step < 6; ++step)
    EXPECT_NEAR(momentumAt(s, step, 6, 1), expected[size_t(step)], 1e-12);
  s.kind = ScheduleKind::Triangle;
  s.momentumLow = 0.8, s.momentumHigh = 0.9;
  expected = {0.9, 0.875, 0.85, 0.825, 0.8, 0.825, 0.85, 0.875, 0.9, 0.875};
  for (int64_t step = 0; step < 10; ++step)
    EXPECT_NEAR(momentumAt(s, step, 10, 4), expected[size_t(step)], 1e-12);
}

// The ramp of all the others: (s + 1) / (W + 1) of the rate.
TEST(Schedule, WarmUp) {
  Schedule s{ScheduleKind::Constant, 1};
  s.warmup = 0.5;
  expectRates(s, 1, {0.25, 0.5, 0.75, 1, 1, 1});
  s.kind = ScheduleKind::Exponential;
  s.gamma = 0.5;
  expectRates(s, 1, {0.25, 0.25, 0.1875, 0.125, 0.0625, 0.03125});
}

TEST(Schedule, Cosine) {
  Schedule s;
  s.kind = ScheduleKind::Cosine;
  s.lr = 1;
  s.minLr = 0.1;
  EXPECT_DOUBLE_EQ(rate(s, 0), 1);
  EXPECT_NEAR(rate(s, 5), 0.55, 1e-12);
  EXPECT_NEAR(rate(s, 9), 0.1 + 0.45 * (1 - 0.9510565162951535), 1e-12);
  s.warmup = 0.4;
  EXPECT_NEAR(rate(s, 0), 0.2, 1e-12);
  EXPECT_NEAR(rate(s, 3), 0.8, 1e-12);
  EXPECT_NEAR(rate(s, 4), 1.0, 1e-12);
}

// max_lr 1, total_steps 10, pct_start 0.3: rises over steps 0..2, falls to 9.
TEST(Schedule, OneCycle) {
  Schedule s;
  s.kind = ScheduleKind::OneCycle;
  s.lr = 1;
  EXPECT_NEAR(rate(s, 0), 0.04, 1e-12);
  EXPECT_NEAR(rate(s, 1), 0.52, 1e-12);
  EXPECT_NEAR(rate(s, 2), 1.0, 1e-12);
  EXPECT_NEAR(rate(s, 3), 0.9504846320134737, 1e-6);
  EXPECT_NEAR(rate(s, 9), 4e-6, 1e-12);
  EXPECT_NEAR(rate(s, 100), 4e-6, 1e-12); // beyond the end: the last rate
}

// torch.optim.lr_scheduler.OneCycleLR(max_lr=1, pct_start=warmup), all steps:
// also where the warm-up or what follows it is shorter than a step.
TEST(Schedule, ShortOneCycle) {
  struct Run {
    double warmup;
    std::vector<double> rates;
  };
  for (const Run &run : std::vector<Run>{
           {0.3, {4e-06}},
           {0.3, {0.811745653949763, 4e-06}},
           {0.3, {0.994415435450912, 0.462637102666975, 4e-06}},
           {0.0, {0.853553976379711, 0.500002, 0.146450023620289, 4e-06}},
           {0.2, {0.990392678631054, 0.69134295081568, 0.222217994630665, 4e-06}},
           {0.9, {0.04, 4e-06}},
           {0.99, {0.04, 0.531480868027746, 4e-06}}}) {
    Schedule s;
    s.kind = ScheduleKind::OneCycle;
    s.lr = 1;
    s.warmup = run.warmup;
    int64_t total = int64_t(run.rates.size());
    for (int64_t step = 0; step < total; ++step)
      EXPECT_NEAR(rate(s, step, total), run.rates[size_t(step)], 1e-12)
          << "warmup " << run.warmup << ", step " << step << " of " << total;
  }
}

TEST(Schedule, TinyRunsAreFinite) {
  for (const std::string &name : kinds())
    for (int64_t total : {0, 1, 2, 3})
      for (double warmup : {0.0, 0.3, 0.99}) {
        Schedule s;
        s.kind = *scheduleFromName(name);
        s.warmup = warmup;
        double value = rate(s, 0, total, 0);
        EXPECT_GE(value, 0);
        EXPECT_LE(value, 0.01);
      }
}

} // namespace gradmill::rt
