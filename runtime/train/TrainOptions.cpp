#include "train/TrainOptions.h"

#include "core/Json.h"

#include <cstdio>

namespace gradmill::rt {

// Visits every option that shapes the numbers: the one list that writing and
// reading share.
template <typename Options, typename Visitor>
static void visitOptions(Options &o, Visitor &&visit) {
  visit("epochs", o.epochs);
  visit("lr", o.schedule.lr);
  visit("lr-step", o.schedule.stepEpochs);
  visit("lr-gamma", o.schedule.gamma);
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
}

std::string optionsText(const TrainOptions &options) {
  Json json = Json::object();
  visitOptions(options, [&](const char *name, const auto &value) {
    json[name] = value;
  });
  json["schedule"] = scheduleName(options.schedule.kind);
  if (options.schedule.warmup)
    json["warmup"] = *options.schedule.warmup;
  return jsonText(json);
}

static std::string shortText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string recipeText(const TrainOptions &options) {
  const Schedule &s = options.schedule;
  std::string text = std::to_string(options.epochs) +
                     (options.epochs == 1 ? " epoch, " : " epochs, ") +
                     scheduleName(s.kind);
  bool peak = s.kind == ScheduleKind::OneCycle;
  text += (peak ? " up to a learning rate of " : ", learning rate ") +
          shortText(s.lr);
  if (s.kind == ScheduleKind::Step)
    text += ", times " + shortText(s.gamma) + " every " +
            std::to_string(s.stepEpochs) + " epochs";
  if (s.warmupFraction() > 0)
    text += ", warm-up " + shortText(100 * s.warmupFraction()) + " %";
  return text;
}

std::vector<std::string> unusedOptions(const TrainOptions &options) {
  using enum ScheduleKind;
  static const std::pair<const char *, std::set<ScheduleKind>> kUsers[] = {
      {"lr-step", {Step}},        {"lr-gamma", {Step}},
      {"div-factor", {OneCycle}}, {"final-div-factor", {OneCycle}},
      {"min-lr", {Cosine}},       {"warmup", {Cosine, OneCycle}}};
  std::vector<std::string> unused;
  for (const auto &[name, users] : kUsers)
    if (options.given.count(name) && !users.count(options.schedule.kind))
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
    if (!known)
      return error;
    adopt.merge("schedule", schedule.kind, *known);
  }
  std::optional<double> warmup;
  if (const Json *value = adopt.find("warmup")) {
    if (!value->is_number())
      return error;
    warmup = value->get<double>();
  }
  adopt.merge("warmup", schedule.warmup, warmup);
  if (adopt.bad || options.epochs < 1 || schedule.stepEpochs < 1)
    return error;
  return adopt.changed;
}

} // namespace gradmill::rt
