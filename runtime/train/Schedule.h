// Learning-rate schedules as pure functions of the step: no state, so resuming
// needs none. Definitions follow torch.optim.lr_scheduler. (plateau has state,
// and is constant here: train/Judge.h.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gradmill::rt {

enum class ScheduleKind {
  Constant,
  Step,
  Cosine,
  OneCycle,
  MultiStep,
  Exponential,
  Triangle,
  Plateau,
  Own // and those above: of plugins
};
const char *scheduleName(ScheduleKind kind); // "onecycle"
std::optional<ScheduleKind> scheduleFromName(std::string_view name);
// Those that are built in, as "constant, step, ...".
const char *scheduleNames();

struct Schedule {
  ScheduleKind kind = ScheduleKind::Constant;
  double lr = 0.01; // the base rate; of onecycle and triangle the peak (max_lr)
  // step (StepLR): times gamma every stepEpochs epochs.
  int64_t stepEpochs = 6;
  // Of a drop: of step, multistep (MultiStepLR) and plateau (0.1), and of each
  // epoch of exponential (ExponentialLR, 0.95).
  std::optional<double> gamma = {};
  // The fraction of all steps that rise to the peak. onecycle: pct_start, 0.3
  // by default; the others: linear warm-up, none by default.
  std::optional<double> warmup = {};
  // onecycle starts at lr / divFactor and ends at lr / divFactor / finalDiv;
  // triangle starts there (base_lr).
  double divFactor = 25, finalDiv = 1e4;
  double minLr = 0; // where cosine ends (eta_min), and plateau (min_lr)
  // What momentum moves between, against the rate (onecycle, triangle); 0: it
  // does not (train/Momentum.h).
  double momentumLow = 0, momentumHigh = 0;
  std::string milestones = {}; // multistep: "10,15", the epochs that drop
  int64_t cycleEpochs = 2; // triangle (CyclicLR): epochs up and down again
  int64_t plateauPatience = 5; // plateau: epochs without progress, as patience

  // What is in force.
  double warmupFraction() const {
    return warmup.value_or(kind == ScheduleKind::OneCycle ? 0.3 : 0);
  }
  double gammaInForce() const {
    return gamma.value_or(kind == ScheduleKind::Exponential ? 0.95 : 0.1);
  }
};

// The schedules of plugins (plugins/LoadPlugins.h), or null: the stand-alone
// trainer has none, for its size. The kinds are Own, Own + 1, ...
struct OwnSchedules {
  std::optional<ScheduleKind> (*find)(std::string_view name);
  const char *(*name)(ScheduleKind kind);
  double (*rate)(const Schedule &schedule, int64_t step, int64_t totalSteps,
                 int64_t stepsPerEpoch);
};
extern const OwnSchedules *ownSchedules;

// How many of the milestones are not above an epoch; -1 if the text is no list of
// ascending whole numbers from 1.
int64_t milestonesUpTo(int64_t epoch, std::string_view milestones);

// The rate of step `step` (from 0) of `totalSteps`; steps beyond the end get
// the last rate.
double learningRate(const Schedule &schedule, int64_t step, int64_t totalSteps,
                    int64_t stepsPerEpoch);

} // namespace gradmill::rt
