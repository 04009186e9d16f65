#include "data/augment/Augment.h"

#include "core/Nearest.h"
#include "core/Number.h"
#include "core/Text.h"
#include "data/Source.h"

#include <algorithm>
#include <cmath>

namespace gradmill::rt {

extern const std::span<const AugmentKind> kGeometry, kPatches, kMixes;

std::vector<const AugmentKind *> ownAugmentKinds;

std::vector<const AugmentKind *> augmentKinds() {
  std::vector<const AugmentKind *> kinds;
  for (std::span<const AugmentKind> list : {kGeometry, kPatches, kMixes})
    for (const AugmentKind &kind : list)
      kinds.push_back(&kind);
  kinds.insert(kinds.end(), ownAugmentKinds.begin(), ownAugmentKinds.end());
  return kinds;
}

namespace {

struct Step {
  const AugmentKind *kind;
  std::vector<double> values; // the last one is p
};

class Pipeline : public Augmenter {
public:
  explicit Pipeline(std::vector<Step> steps) : steps(std::move(steps)) {}

  void apply(float *planes, int channels, int height, int width,
             const float *mean, uint64_t seed, int64_t epoch,
             uint64_t sample) const override {
    AugmentPicture picture{planes, channels, height, width, mean};
    uint64_t base =
        RandomStream(seed, Purpose::Augment, uint64_t(epoch), sample).bits();
    Affine inverse;
    bool mapped = false;
    for (size_t i = 0; i < steps.size(); ++i) {
      const Step &step = steps[i];
      if (step.kind->share)
        continue; // of whole batches
      RandomStream random(base, Purpose::AugmentStep, i);
      if (random.unit() >= step.values.back())
        continue;
      if (step.kind->map) {
        step.kind->map(inverse, step.values, height, width, random);
        mapped = true;
        continue;
      }
      if (std::exchange(mapped, false))
        warp(picture, std::exchange(inverse, Affine()));
      if (step.kind->own)
        step.kind->own(*step.kind, picture, step.values, random);
      else
        step.kind->change(picture, step.values, random);
    }
    if (mapped)
      warp(picture, inverse);
  }

  bool moves() const override {
    return std::any_of(steps.begin(), steps.end(),
                       [](const Step &step) { return step.kind->moves; });
  }

  bool mixes() const override { return mixing() != nullptr; }

  float mixedShare(uint64_t seed, int64_t batch) const override {
    const Step *step = mixing();
    RandomStream random(seed, Purpose::Mixup, uint64_t(batch));
    return step && random.unit() < step->values.back()
               ? step->kind->share(step->values, random)
               : 0;
  }

private:
  const Step *mixing() const {
    for (const Step &step : steps)
      if (step.kind->share)
        return &step;
    return nullptr;
  }

  static void warp(const AugmentPicture &picture, const Affine &map) {
    std::vector<float> x(picture.plane()), y(picture.plane());
    size_t i = 0;
    for (int row = 0; row < picture.height; ++row)
      for (int column = 0; column < picture.width; ++column, ++i) {
        x[i] = map.xx * float(column) + map.xy * float(row) + map.x0;
        y[i] = map.yx * float(column) + map.yy * float(row) + map.y0;
      }
    resample(picture, x, y);
  }

  std::vector<Step> steps;
};

// --- The text ------------------------------------------------------------------

class Reader {
public:
  explicit Reader(const std::string &text) : text(text) {}

  Result<std::shared_ptr<const Augmenter>> read() {
    std::vector<Step> steps;
    for (const std::string &part : splitAt(text, '|')) {
      auto step = readStep(trimmed(part));
      if (!step)
        return step.error();
      if (step->kind->share)
        for (const Step &other : steps)
          if (other.kind->share)
            return wrong({step->kind->name, " stands twice; a batch is mixed once"});
      steps.push_back(std::move(*step));
    }
    return std::shared_ptr<const Augmenter>(
        std::make_shared<Pipeline>(std::move(steps)));
  }

private:
  static std::string trimmed(const std::string &part) {
    size_t from = part.find_first_not_of(' ');
    return from == part.npos
               ? ""
               : part.substr(from, part.find_last_not_of(' ') - from + 1);
  }

  Error wrong(Pieces cause) const {
    return makeError(kUsage, "augment",
                     {"--augment '", text, "': ", join(cause)});
  }

  Result<Step> readStep(const std::string &part) const {
    size_t open = part.find('(');
    std::string name = trimmed(part.substr(0, open));
    auto kind = kindNamed(name);
    if (!kind)
      return kind.error();
    Step step{*kind, {}};
    for (const AugmentParameter &parameter : (*kind)->parameters)
      step.values.push_back(parameter.value);
    if (open != part.npos) {
      if (part.back() != ')')
        return wrong({"\"", part, "\" does not end in )"});
      if (Status error = readValues(
              step, part.substr(open + 1, part.size() - open - 2)))
        return *error;
    }
    for (size_t i = 0; i < step.values.size(); ++i)
      if (std::isnan(step.values[i]))
        return wrong({name, " needs ", (*kind)->parameters[i].name, " (",
                      (*kind)->parameters[i].doc, "), as ", name, "(",
                      exactText(std::min((*kind)->parameters[i].low + 1,
                                         (*kind)->parameters[i].high)),
                      ")"});
    return step;
  }

  Result<const AugmentKind *> kindNamed(const std::string &name) const {
    std::vector<std::string> names;
    for (const AugmentKind *kind : augmentKinds()) {
      if (name == kind->name)
        return kind;
      names.push_back(kind->name);
    }
    return wrong({"there is no step \"", name, "\"; ", suggestion(name, names),
                  "there are: ", listed(names)});
  }

  // Values by position, then by name, as in a net's text.
  Status readValues(Step &step, const std::string &list) const {
    const auto &parameters = step.kind->parameters;
    size_t position = 0;
    bool named = false;
    std::vector<bool> given(parameters.size());
    if (trimmed(list).empty())
      return ok;
    for (const std::string &item : splitAt(list, ',')) {
      size_t equals = item.find('=');
      named |= equals != item.npos;
      size_t index = position++;
      if (equals != item.npos)
        index = indexOf(step, trimmed(item.substr(0, equals)));
      else if (named)
        return wrong({"in ", step.kind->name, ", \"", trimmed(item),
                      "\" without a name stands behind one with a name"});
      if (index >= parameters.size())
        return unknownParameter(step, item.substr(0, equals));
      if (given[index])
        return wrong({step.kind->name, " has ", parameters[index].name,
                      " twice; give one value"});
      given[index] = true;
      std::string value =
          trimmed(equals == item.npos ? item : item.substr(equals + 1));
      if (!readValue(parameters[index], value, step.values[index]))
        return outOfRange(step, parameters[index], value);
    }
    return ok;
  }

  static size_t indexOf(const Step &step, const std::string &name) {
    const auto &parameters = step.kind->parameters;
    return size_t(std::find_if(parameters.begin(), parameters.end(),
                               [&](const AugmentParameter &p) {
                                 return name == p.name;
                               }) -
                  parameters.begin());
  }

  static bool readValue(const AugmentParameter &parameter,
                        const std::string &text, double &value) {
    if (parameter.fill && (text == "mean" || text == "noise")) {
      value = text == "mean" ? kFillMean : kFillNoise;
      return true;
    }
    double number = 0;
    if (!parseWhole(text, number) ||
        !(number >= parameter.low && number <= parameter.high) || // NaN
        (parameter.whole && number != std::trunc(number)))
      return false;
    value = number;
    return true;
  }

  Error unknownParameter(const Step &step, const std::string &name) const {
    std::vector<std::string> names;
    for (const AugmentParameter &parameter : step.kind->parameters)
      names.push_back(parameter.name);
    return wrong({step.kind->name, " has no parameter \"", trimmed(name),
                  "\"; ", suggestion(trimmed(name), names),
                  "it has: ", listed(names)});
  }

  Error outOfRange(const Step &step, const AugmentParameter &parameter,
                   const std::string &value) const {
    return wrong({step.kind->name, ": ", parameter.name, "=", value,
                  " is not a ", parameter.whole ? "whole number" : "number",
                  " in ", exactText(parameter.low), "..",
                  exactText(parameter.high),
                  parameter.fill ? ", mean or noise" : ""});
  }

  const std::string &text;
};

} // namespace

Result<std::shared_ptr<const Augmenter>> parseAugment(const std::string &text) {
  return Reader(text).read();
}

} // namespace gradmill::rt
