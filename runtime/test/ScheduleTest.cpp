#include "train/Schedule.h"

#include <gtest/gtest.h>

namespace gradmill::rt {

static double rate(const Schedule &s, int64_t step, int64_t total = 10,
                   int64_t perEpoch = 2) {
  return learningRate(s, step, total, perEpoch);
}

TEST(Schedule, Names) {
  EXPECT_EQ(scheduleFromName("onecycle"), ScheduleKind::OneCycle);
  EXPECT_EQ(scheduleFromName("linear"), std::nullopt);
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
  for (auto kind : {ScheduleKind::Constant, ScheduleKind::Step,
                    ScheduleKind::Cosine, ScheduleKind::OneCycle})
    for (int64_t total : {0, 1, 2, 3})
      for (double warmup : {0.0, 0.3, 0.99}) {
        Schedule s;
        s.kind = kind;
        s.warmup = warmup;
        double value = rate(s, 0, total, 0);
        EXPECT_GE(value, 0);
        EXPECT_LE(value, 0.01);
      }
}

} // namespace gradmill::rt
