#include "train/Schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gradmill::rt {

static constexpr ScheduleKind kKinds[] = {
    ScheduleKind::Constant, ScheduleKind::Step, ScheduleKind::Cosine,
    ScheduleKind::OneCycle};

const char *scheduleName(ScheduleKind kind) {
  switch (kind) {
  case ScheduleKind::Constant:
    return "constant";
  case ScheduleKind::Step:
    return "step";
  case ScheduleKind::Cosine:
    return "cosine";
  case ScheduleKind::OneCycle:
    return "onecycle";
  }
  return "?";
}

std::optional<ScheduleKind> scheduleFromName(std::string_view name) {
  for (ScheduleKind kind : kKinds)
    if (name == scheduleName(kind))
      return kind;
  return std::nullopt;
}

// Half a cosine from `from` (fraction 0) to `to` (fraction 1).
static double anneal(double from, double to, double fraction) {
  return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * fraction));
}

// CosineAnnealingLR in closed form over the steps after the warm-up.
static double cosine(const Schedule &s, double step, double total) {
  double warmup = s.warmupFraction() * total;
  if (step < warmup)
    return s.lr * (step + 1) / (warmup + 1);
  return anneal(s.lr, s.minLr, (step - warmup) / (total - warmup));
}

// OneCycleLR, anneal_strategy "cos", three_phase false. With less than one step
// of warm-up the peak lies before step 0, and the first step is on the way down.
static double oneCycle(const Schedule &s, double step, double total) {
  double initial = s.lr / s.divFactor;
  double final = initial / s.finalDiv;
  double peak = s.warmupFraction() * total - 1;
  if (step <= peak) // where the peak is step 0, PyTorch divides by zero
    return peak > 0 ? anneal(initial, s.lr, step / peak) : s.lr;
  return anneal(s.lr, final, (step - peak) / (total - 1 - peak));
}

double learningRate(const Schedule &s, int64_t step, int64_t totalSteps,
                    int64_t stepsPerEpoch) {
  int64_t total = std::max<int64_t>(totalSteps, 1);
  step = std::clamp<int64_t>(step, 0, total - 1);
  switch (s.kind) {
  case ScheduleKind::Constant:
    return s.lr;
  case ScheduleKind::Step: {
    int64_t epoch = step / std::max<int64_t>(stepsPerEpoch, 1);
    return s.lr * std::pow(s.gamma, double(epoch / s.stepEpochs));
  }
  case ScheduleKind::Cosine:
    return cosine(s, double(step), double(total));
  case ScheduleKind::OneCycle:
    return oneCycle(s, double(step), double(total));
  }
  return s.lr;
}

} // namespace gradmill::rt
