// Learning-rate schedules as pure functions of the step: no state, so resuming
// needs none. Definitions follow torch.optim.lr_scheduler.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gradmill::rt {

enum class ScheduleKind { Constant, Step, Cosine, OneCycle };
const char *scheduleName(ScheduleKind kind); // "onecycle"
std::optional<ScheduleKind> scheduleFromName(std::string_view name);

struct Schedule {
  ScheduleKind kind = ScheduleKind::Constant;
  double lr = 0.01; // the base rate; of onecycle the peak (max_lr)
  // step (StepLR): times gamma every stepEpochs epochs.
  int64_t stepEpochs = 6;
  double gamma = 0.1;
  // The fraction of all steps that rise to the peak. onecycle: pct_start, 0.3
  // by default; cosine: linear warm-up, none by default; the others have none.
  std::optional<double> warmup = {};
  // onecycle starts at lr / divFactor and ends at lr / divFactor / finalDiv.
  double divFactor = 25, finalDiv = 1e4;
  double minLr = 0; // where cosine ends (eta_min)

  // The warm-up in force.
  double warmupFraction() const {
    if (kind == ScheduleKind::Constant || kind == ScheduleKind::Step)
      return 0;
    return warmup.value_or(kind == ScheduleKind::OneCycle ? 0.3 : 0);
  }
};

// The rate of step `step` (from 0) of `totalSteps`; steps beyond the end get
// the last rate.
double learningRate(const Schedule &schedule, int64_t step, int64_t totalSteps,
                    int64_t stepsPerEpoch);

} // namespace gradmill::rt
