#include "train/Schedule.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

namespace gradmill::rt {

// In the order of the enumerators.
static constexpr const char *kNames =
    "constant, step, cosine, onecycle, multistep, exponential, triangle, plateau";
static constexpr const char *kEach[] = {
    "constant",  "step",        "cosine",   "onecycle",
    "multistep", "exponential", "triangle", "plateau"};

const OwnSchedules *ownSchedules = nullptr;

const char *scheduleName(ScheduleKind kind) {
  return kind < ScheduleKind::Own ? kEach[int(kind)] : ownSchedules->name(kind);
}
const char *scheduleNames() { return kNames; }

std::optional<ScheduleKind> scheduleFromName(std::string_view name) {
  for (size_t i = 0; i < std::size(kEach); ++i)
    if (name == kEach[i])
      return ScheduleKind(i);
  if (ownSchedules)
    return ownSchedules->find(name);
  return std::nullopt;
}

int64_t milestonesUpTo(int64_t epoch, std::string_view milestones) {
  int64_t count = 0, before = 0, number = 0;
  bool digits = false;
  for (size_t i = 0; i <= milestones.size(); ++i) {
    char c = i < milestones.size() ? milestones[i] : ',';
    if (c >= '0' && c <= '9' && number < 1000000) {
      number = 10 * number + (c - '0');
      digits = true;
      continue;
    }
    if (c != ',' || !digits || number <= before)
      return -1;
    count += number <= epoch;
    before = number, number = 0, digits = false;
  }
  return count;
}

// Half a cosine from `from` (fraction 0) to `to` (fraction 1).
static double anneal(double from, double to, double fraction) {
  return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * fraction));
}

// CosineAnnealingLR in closed form over the steps after the warm-up.
static double cosine(const Schedule &s, double step, double total) {
  double warmup = s.warmupFraction() * total;
  if (step < warmup) // see learningRate
    return s.lr;
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

// CyclicLR, mode "triangular", with step_size_up = step_size_down = half a cycle.
static double triangle(const Schedule &s, double step, double stepsPerEpoch) {
  double base = s.lr / s.divFactor;
  double half = std::max(double(s.cycleEpochs) * stepsPerEpoch / 2, 1.0);
  double cycle = std::floor(1 + step / (2 * half));
  double x = std::abs(step / half - 2 * cycle + 1);
  return base + (s.lr - base) * std::max(0.0, 1 - x);
}

// Without the warm-up, but for onecycle, whose own it is.
static double scheduled(const Schedule &s, int64_t step, int64_t total,
                        int64_t stepsPerEpoch) {
  int64_t epoch = step / stepsPerEpoch;
  auto decayed = [&](double times) {
    return s.lr * std::pow(s.gammaInForce(), times);
  };
  switch (s.kind) {
  case ScheduleKind::Constant:
  case ScheduleKind::Plateau:
    break;
  case ScheduleKind::Step:
    return decayed(double(epoch / s.stepEpochs));
  case ScheduleKind::MultiStep:
    return decayed(double(std::max<int64_t>(milestonesUpTo(epoch, s.milestones), 0)));
  case ScheduleKind::Exponential:
    return decayed(double(epoch));
  case ScheduleKind::Cosine:
    return cosine(s, double(step), double(total));
  case ScheduleKind::OneCycle:
    return oneCycle(s, double(step), double(total));
  case ScheduleKind::Triangle:
    return triangle(s, double(step), double(stepsPerEpoch));
  default:
    return ownSchedules->rate(s, step, total, stepsPerEpoch);
  }
  return s.lr;
}

double learningRate(const Schedule &s, int64_t step, int64_t totalSteps,
                    int64_t stepsPerEpoch) {
  int64_t total = std::max<int64_t>(totalSteps, 1);
  step = std::clamp<int64_t>(step, 0, total - 1);
  double rate = scheduled(s, step, total, std::max<int64_t>(stepsPerEpoch, 1));
  double warmup = s.warmupFraction() * double(total);
  if (s.kind != ScheduleKind::OneCycle && double(step) < warmup)
    rate *= double(step + 1) / (warmup + 1);
  return rate;
}

} // namespace gradmill::rt
