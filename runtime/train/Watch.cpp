#include "train/Watch.h"

#include "core/Json.h"
#include "core/Nearest.h"
#include "core/Number.h"
#include "train/Trainer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gradmill::rt {
namespace {

// The best value, and how many epochs ago it was. A value counts as better by
// more than a share of the best, as ReduceLROnPlateau's threshold.
struct Progress {
  double best = 0;
  bool any = false;
  int64_t since = 0;

  bool see(double value, bool larger, double threshold) {
    double margin = threshold * std::abs(best);
    bool better = std::isfinite(value) &&
                  (!any || (larger ? value > best + margin : value < best - margin));
    if (better)
      best = value, any = true;
    since = better ? 0 : since + 1;
    return better;
  }
};

class Watch : public Judge {
public:
  Watch(const TrainOptions &options, const PortSpec *metric)
      : options(options), metric(metric) {}

  Verdict see(const EpochReport &report) override {
    double value = valueOf(report);
    Verdict verdict;
    verdict.best = progress.see(value, larger(), 0);
    if (verdict.best)
      epoch = report.step.epoch;
    if (options.schedule.kind == ScheduleKind::Plateau)
      plateauSees(value, verdict);
    if (options.patience && progress.since >= options.patience) {
      halted = verdict.stop = true;
      verdict.note = "stopping: no better " + name() + " for " +
                     std::to_string(progress.since) + " epochs";
    }
    return verdict;
  }

  // ReduceLROnPlateau: rates change by more than its eps of 1e-8 only.
  double adjust(double rate) const override {
    if (options.schedule.kind != ScheduleKind::Plateau)
      return rate;
    double lowered = std::max(
        rate * std::pow(options.schedule.gammaInForce(), double(drops)),
        std::min(options.schedule.minLr, rate));
    return lowered;
  }

  bool stopped() const override { return halted; }
  int64_t bestEpoch() const override { return epoch; }
  std::string bestText() const override {
    return metric ? metric->name + " " + scoreText({metric, progress.best})
                  : "loss " + fixedText(progress.best, 4);
  }

  std::string state() const override {
    Json json = Json::object({{"epoch", epoch},
                              {"since", progress.since},
                              {"drops", drops},
                              {"plateau_since", plateau.since},
                              {"stopped", halted}});
    if (progress.any)
      json["best"] = progress.best;
    if (plateau.any)
      json["plateau_best"] = plateau.best;
    return jsonText(json);
  }

  bool adopt(const std::string &text) override {
    Json json = parseJson(text);
    auto number = [&](const char *name, auto &value) {
      const Json *found = json.find(name);
      if (found && found->is_number())
        value = found->get<std::decay_t<decltype(value)>>();
      return found && found->is_number();
    };
    if (!json.is_object() || !number("epoch", epoch) ||
        !number("since", progress.since) || !number("drops", drops) ||
        !number("plateau_since", plateau.since))
      return false;
    progress.any = number("best", progress.best);
    plateau.any = number("plateau_best", plateau.best);
    // With more patience a stopped run goes on.
    halted = options.patience && progress.since >= options.patience;
    return epoch >= 0 && drops >= 0;
  }

private:
  static constexpr double kThreshold = 1e-4; // of the plateau

  bool larger() const { return metric && metric->share; }
  std::string name() const { return metric ? metric->name : "loss"; }

  double valueOf(const EpochReport &report) const {
    for (const Score &score : report.validation.metrics)
      if (score.port == metric)
        return score.value;
    return *report.validation.loss;
  }

  void plateauSees(double value, Verdict &verdict) {
    plateau.see(value, larger(), kThreshold);
    if (plateau.since <= options.schedule.plateauPatience)
      return;
    plateau.since = 0;
    double before = adjust(options.schedule.lr);
    ++drops;
    double after = adjust(options.schedule.lr);
    if (before - after <= 1e-8) {
      --drops;
      return;
    }
    char text[96];
    std::snprintf(text, sizeof text,
                  "plateau: the learning rate goes from %.3g to %.3g", before,
                  after);
    verdict.note = text;
  }

  TrainOptions options;
  const PortSpec *metric; // null: the loss
  Progress progress, plateau;
  int64_t epoch = 0, drops = 0;
  bool halted = false;
};

} // namespace

Result<std::unique_ptr<Judge>> makeWatch(const TrainOptions &options,
                                         const Manifest &manifest) {
  std::string what = options.patience ? "--patience"
                     : !options.keepBest.empty()
                         ? "--keep-best"
                         : options.schedule.kind == ScheduleKind::Plateau
                               ? "--schedule plateau"
                               : "";
  if (what.empty() && options.watch != "loss")
    return Error{kUsage, "usage",
                 "--watch goes with --patience, --keep-best or --schedule "
                 "plateau, which look at the number"};
  if (what.empty())
    return std::unique_ptr<Judge>();
  if (!options.validation)
    return Error{kUsage, "no_validation",
                 what + " goes by validation samples: hold some out with "
                        "--val-split 0.1"};
  const PortSpec *metric = nullptr;
  std::vector<std::string> names = {"loss"};
  for (const PortSpec *port : manifest.portsOf(PortRole::Metric)) {
    names.push_back(port->name);
    if (port->name == options.watch)
      metric = port;
  }
  if (!metric && options.watch != "loss") {
    std::string hint = nearest(options.watch, names), list;
    for (const std::string &name : names)
      list += (list.empty() ? "" : ", ") + name;
    return Error{kUsage, "unknown_metric",
                 "--watch " + options.watch + ": " +
                     (hint.empty() ? "" : "did you mean " + hint + "? ") +
                     "there are: " + list};
  }
  return std::unique_ptr<Judge>(std::make_unique<Watch>(options, metric));
}

} // namespace gradmill::rt
