#include "train/TrainOptions.h"

#include "core/Json.h"
#include "core/Text.h"

#include <cstdio>
#include <optional>
#include <type_traits>

namespace gradmill::rt {

// Visits every option that shapes the numbers: the one list that writing and
// reading share.
template <typename Options, typename Visitor>
static void visitOptions(Options &o, Visitor &&visit) {
  visit("epochs", o.epochs);
  visit("lr", o.schedule.lr);
  visit("lr-step", o.schedule.stepEpochs);
  visit("lr-gamma", o.schedule.gamma);
  visit("warmup", o.schedule.warmup);
  visit("lr-milestones", o.schedule.milestones);
  visit("cycle", o.schedule.cycleEpochs);
  visit("momentum-low", o.schedule.momentumLow);
  visit("momentum-high", o.schedule.momentumHigh);
  visit("lr-patience", o.schedule.plateauPatience);
  visit("div-factor", o.schedule.divFactor);
  visit("final-div-factor", o.schedule.finalDiv);
  visit("min-lr", o.schedule.minLr);
  visit("seed", o.seed);
  visit("rotate", o.augment.rotationDegrees);
  visit("translate", o.augment.translatePixels);
  visit("scale", o.augment.scale);
  visit("shear", o.augment.shearDegrees);
  visit("data", o.data);
  visit("map", o.map);
  visit("val-split", o.validation.amount);
  visit("val-seed", o.validation.seed);
  visit("augment", o.augmentation);
  visit("watch", o.watch);
  visit("patience", o.patience);
}

std::string optionsText(const TrainOptions &options) {
  Json json = Json::object();
  visitOptions(options, [&](const char *name, const auto &value) {
    if constexpr (std::is_same_v<decltype(value), const std::optional<double> &>) {
      if (value) // else its default
        json[name] = *value;
    } else {
      json[name] = value;
    }
  });
  json["schedule"] = scheduleName(options.schedule.kind);
  return jsonText(json);
}

static std::string shortText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

// How the rate changes, beyond the schedule's name.
static std::string changeText(const Schedule &s) {
  std::string gamma = shortText(s.gammaInForce());
  switch (s.kind) {
  case ScheduleKind::Step:
    return join({", times ", gamma, " every ", s.stepEpochs, " epochs"});
  case ScheduleKind::Exponential:
    return join({", times ", gamma, " each epoch"});
  case ScheduleKind::MultiStep:
    return join({", times ", gamma, " after epochs ", s.milestones});
  case ScheduleKind::Plateau:
    return join({", times ", gamma, " after ", s.plateauPatience,
                 " epochs without a better validation"});
  case ScheduleKind::Triangle:
    return join({", up and down in ", s.cycleEpochs, " epochs"});
  default:
    return {};
  }
}

std::string recipeText(const TrainOptions &options) {
  const Schedule &s = options.schedule;
  bool peak =
      s.kind == ScheduleKind::OneCycle || s.kind == ScheduleKind::Triangle;
  std::string text = join(
      {options.epochs, options.epochs == 1 ? " epoch, " : " epochs, ",
       scheduleName(s.kind),
       peak ? " up to a learning rate of " : ", learning rate ",
       shortText(s.lr), changeText(s)});
  if (s.warmupFraction() > 0)
    text += join({", warm-up ", shortText(100 * s.warmupFraction()), " %"});
  return text;
}

std::vector<std::string> unusedOptions(const TrainOptions &options) {
  using enum ScheduleKind;
  auto bits = [](std::initializer_list<ScheduleKind> kinds) {
    unsigned set = 0;
    for (ScheduleKind kind : kinds)
      set |= 1u << int(kind);
    return set;
  };
  const std::pair<const char *, unsigned> users[] = {
      {"lr-step", bits({Step})},
      {"lr-gamma", bits({Step, MultiStep, Exponential, Plateau})},
      {"lr-milestones", bits({MultiStep})},
      {"lr-patience", bits({Plateau})},
      {"cycle", bits({Triangle})},
      {"momentum-range", bits({OneCycle, Triangle})},
      {"div-factor", bits({OneCycle, Triangle})},
      {"final-div-factor", bits({OneCycle})},
      {"min-lr", bits({Cosine, Plateau})}};
  std::vector<std::string> unused;
  for (const auto &[name, kinds] : users)
    if (options.given.count(name) && !(kinds >> int(options.schedule.kind) & 1))
      unused.push_back(name);
  return unused;
}

namespace {
class Adopter {
public:
  Adopter(const std::set<std::string> &given, const Json &json)
      : given(given), json(json) {}

  template <typename T> void operator()(const char *name, T &value) {
    const Json *stored = find(name);
    if (!stored)
      return;
    bool matches = std::is_same_v<T, std::string> ? stored->is_string()
                   : std::is_integral_v<T>        ? stored->is_number_integer()
                                                  : stored->is_number();
    if (!matches)
      bad = true;
    else
      merge(name, value, stored->get<T>());
  }
  void operator()(const char *name, std::optional<double> &value) {
    const Json *stored = find(name);
    if (stored && !stored->is_number())
      bad = true;
    else
      merge(name, value,
            stored ? std::optional(stored->get<double>()) : std::nullopt);
  }
  template <typename T>
  void merge(const char *name, T &value, const T &stored) {
    if (!given.count(name))
      value = stored;
    else if (value != stored)
      changed.push_back(std::string("--") + name + " is " + text(value) +
                        ", in the checkpoint " + text(stored));
  }
  const Json *find(const char *name) const { return json.find(name); }

  std::vector<std::string> changed;
  bool bad = false;

private:
  template <typename T> static std::string text(const T &value) {
    return jsonText(Json(value));
  }
  static std::string text(const std::string &value) { return value; }
  static std::string text(ScheduleKind kind) { return scheduleName(kind); }
  static std::string text(const std::optional<double> &value) {
    return value ? text(*value) : "the default";
  }

  const std::set<std::string> &given;
  const Json &json;
};
} // namespace

Result<std::vector<std::string>> adoptOptions(TrainOptions &options,
                                              const std::string &stored) {
  Error error{kBadInput, "bad_checkpoint_options",
              "the checkpoint's training options are damaged"};
  Json json = parseJson(stored);
  if (!json.is_object())
    return error;
  Adopter adopt(options.given, json);
  visitOptions(options, adopt);
  Schedule &schedule = options.schedule;
  if (const Json *kind = adopt.find("schedule")) {
    auto known = kind->is_string() ? scheduleFromName(kind->get<std::string>())
                                   : std::nullopt;
    if (!known) {
      if (kind->is_string())
        error.message = join({"the checkpoint was trained with the schedule ",
                              kind->get<std::string>(),
                              ", which is not known here; load its plugin with "
                              "--plugin, or say --schedule"});
      if (!kind->is_string() || !options.given.count("schedule"))
        return error;
      known = schedule.kind;
    }
    adopt.merge("schedule", schedule.kind, *known);
  }
  if (adopt.bad || options.epochs < 1 || schedule.stepEpochs < 1 ||
      schedule.cycleEpochs < 1)
    return error;
  return adopt.changed;
}

} // namespace gradmill::rt
