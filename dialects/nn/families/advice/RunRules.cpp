// What the log of a run tells, epoch by epoch (gradmill train --metrics).
#include "Rules.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

namespace gradmill::advice {
namespace {

struct Point {
  int64_t epoch;
  double value;
};

std::vector<Point> curve(Advisor &a, StringRef name) {
  std::vector<Point> points;
  for (const EpochRecord &epoch : a.epochs())
    if (std::optional<double> value = epoch.get(name))
      points.push_back({epoch.number, *value});
  return points;
}

std::string number(double value) { return llvm::formatv("{0:f4}", value).str(); }
std::string share(double value) {
  return llvm::formatv("{0:f2} %", 100 * value).str();
}

// The samples that a run was judged by: those held out for it (--val-split), else
// the test samples.
struct Judge {
  explicit Judge(Advisor &a) {
    for (const EpochRecord &epoch : a.epochs())
      if (epoch.get("val_loss") || epoch.get("val_accuracy"))
        part = "val_", name = "validation";
  }
  std::string key(const char *value) const { return part + value; }

  std::string part = "test_", name = "test";
};

// Accuracies of the last epoch that has both.
bool lastAccuracies(Advisor &a, const Judge &judge, Point &train, Point &test) {
  for (const EpochRecord &epoch : llvm::reverse(a.epochs()))
    if (auto one = epoch.get("train_accuracy"),
        two = epoch.get(judge.key("accuracy"));
        one && two) {
      train = {epoch.number, *one};
      test = {epoch.number, *two};
      return true;
    }
  return false;
}
} // namespace

void overfitting(Advisor &a) {
  constexpr double kGap = 0.02;  // of accuracies
  constexpr double kRise = 1.1;  // of the test loss over its least
  const char *fix = "fewer parameters, more augmentation (--rotate, --translate, "
                    "--scale), a little dropout on each layer, or weight decay";
  Judge judge(a);
  Point train, test;
  if (lastAccuracies(a, judge, train, test) && train.value - test.value > kGap) {
    a.report("in epoch " + std::to_string(train.epoch) + " " + share(train.value) +
                 " of the training samples are right, and " + share(test.value) +
                 " of the " + judge.name + " samples",
             fix);
    return;
  }
  std::vector<Point> loss = curve(a, judge.key("loss")), own = curve(a, "loss");
  if (loss.size() < 3 || own.size() < 3)
    return;
  auto least = std::min_element(loss.begin(), loss.end(), [](Point x, Point y) {
    return x.value < y.value;
  });
  auto then = llvm::find_if(own, [&](Point p) { return p.epoch == least->epoch; });
  if (loss.end() - least < 3 || then == own.end() ||
      !(loss.back().value > kRise * least->value) ||
      own.back().value >= then->value)
    return;
  a.report("the " + judge.name + " loss was least in epoch " + std::to_string(least->epoch) + " (" +
               number(least->value) + ") and is " + number(loss.back().value) +
               " in epoch " + std::to_string(loss.back().epoch) +
               ", while the training loss fell from " + number(then->value) + " to " +
               number(own.back().value),
           std::string("stop there, or: ") + fix);
}

// The training accuracy is a mean over an epoch in which the net learns: it may
// well be below what the epoch ends with, but not below what it began with.
void underfitting(Advisor &a) {
  constexpr double kGap = 0.005;
  Judge judge(a);
  Point train, test;
  if (!lastAccuracies(a, judge, train, test) || test.value - train.value < kGap)
    return;
  std::vector<Point> judged = curve(a, judge.key("accuracy"));
  auto before = llvm::find_if(llvm::reverse(judged),
                              [&](Point p) { return p.epoch < train.epoch; });
  if (before == judged.rend() || before->value - train.value < kGap)
    return;
  bool drops = llvm::any_of(a.layers(), isDropout);
  a.report("in epoch " + std::to_string(train.epoch) + " " + share(train.value) +
               " of the training samples are right, fewer than of the " + judge.name +
               " samples before it (" + share(before->value) + ") and after it (" +
               share(test.value) + "): " +
               (drops ? "dropout, and augmentation if there is any, make training harder "
                        "than the task"
                      : "augmentation, or a rate that is too high, makes training harder "
                        "than the task"),
           drops ? "less dropout or augmentation, more parameters, or more epochs"
                 : "less augmentation, a lower --lr, more parameters, or more epochs");
}

// At a small part of the highest rate a loss rises by chance, not by large steps.
void rateHigh(Advisor &a) {
  constexpr double kRise = 1.1, kPart = 0.1;
  double highest = 0;
  for (Point rate : curve(a, "learning_rate"))
    highest = std::max(highest, rate.value);
  std::vector<Point> loss = curve(a, "loss");
  for (size_t i = 0; i < loss.size(); ++i) {
    bool isLost = !std::isfinite(loss[i].value);
    std::optional<double> used = a.epochs()[i].get("learning_rate");
    if (!isLost && (i == 0 || loss[i].value <= kRise * loss[i - 1].value ||
                    (used && *used < kPart * highest)))
      continue;
    std::string rate;
    if (used)
      llvm::raw_string_ostream(rate)
          << " at a learning rate of " << llvm::format("%.3g", *used);
    a.report(isLost ? "the training loss is no number any more in epoch " +
                          std::to_string(loss[i].epoch) + rate
                    : "the training loss rose from " + number(loss[i - 1].value) +
                          " in epoch " + std::to_string(loss[i - 1].epoch) + " to " +
                          number(loss[i].value) + " in epoch " +
                          std::to_string(loss[i].epoch) + rate,
             "a third of --lr, a longer --warmup, or --clip-norm 1");
    return;
  }
}

void rateLow(Advisor &a) {
  constexpr double kFall = 0.9; // of an epoch's loss, at least in each step
  std::vector<Point> loss = curve(a, "loss");
  if (loss.size() < 3)
    return;
  for (size_t i = 1; i < loss.size(); ++i)
    if (!(loss[i].value < loss[i - 1].value &&
          loss[i].value > kFall * loss[i - 1].value))
      return;
  if (loss.back().value < 0.5 * loss.front().value)
    return;
  a.report("the training loss falls in each of " + std::to_string(loss.size()) +
               " epochs, by less than a tenth: from " + number(loss.front().value) +
               " to " + number(loss.back().value),
           "three times --lr, as long as the loss does not rise");
}

// In the second half, where steps should be small.
void accuracyJumps(Advisor &a) {
  constexpr double kPart = 0.25, kLeast = 0.002;
  Judge judge(a);
  std::vector<Point> accuracy = curve(a, judge.key("accuracy"));
  if (accuracy.size() < 6)
    return;
  int64_t jumps = 0;
  double largest = 0;
  Point from{}, to{};
  for (size_t i = accuracy.size() / 2; i < accuracy.size(); ++i) {
    double drop = accuracy[i - 1].value - accuracy[i].value;
    double wrong = 1 - accuracy[i - 1].value;
    if (drop < kLeast || drop < kPart * wrong)
      continue;
    ++jumps;
    if (drop > largest) {
      largest = drop;
      from = accuracy[i - 1];
      to = accuracy[i];
    }
  }
  if (jumps < 2)
    return;
  a.report("the " + judge.name + " accuracy falls " + std::to_string(jumps) +
               " times in the second half, most from " + share(from.value) +
               " in epoch " + std::to_string(from.epoch) + " to " + share(to.value) +
               " in epoch " + std::to_string(to.epoch),
           "a rate that becomes small at the end (--schedule onecycle, --lr-step), a "
           "larger --batch, or an average of the weights (--ema 0.999)");
}

} // namespace gradmill::advice
