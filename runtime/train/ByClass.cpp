#include "train/ByClass.h"

#include <algorithm>
#include <cmath>

namespace gradmill::rt {

static bool fits(const PortSpec &prediction, const PortSpec &target) {
  return prediction.dtype == DType::F32 && !prediction.shape.empty() &&
         prediction.shape[0] == target.classes &&
         std::vector<int64_t>(prediction.shape.begin() + 1,
                              prediction.shape.end()) == target.shape;
}

// Null: none or several.
static const PortSpec *predictionOf(const Manifest &manifest,
                                    const PortSpec &target) {
  std::vector<const PortSpec *> all, named;
  for (const PortSpec *port : manifest.portsOf(PortRole::Prediction))
    if (fits(*port, target)) {
      all.push_back(port);
      if (target.name.starts_with(port->name))
        named.push_back(port);
    }
  const auto &list = all.size() == 1 ? all : named;
  return list.size() == 1 ? list.front() : nullptr;
}

Result<std::vector<ClassPair>> classPairs(const Manifest &manifest) {
  std::vector<ClassPair> pairs;
  for (const PortSpec *target : manifest.portsOf(PortRole::Target)) {
    if (target->classes == 0 || target->dtype != DType::I32)
      continue;
    const PortSpec *prediction = predictionOf(manifest, *target);
    if (!prediction)
      return Error{kUsage, "no_classes",
                   "model \"" + manifest.name +
                       "\" does not say which output gives scores for the "
                       "classes of \"" +
                       target->name +
                       "\": name the target after the output, as OUTPUT_label"};
    pairs.push_back({prediction, target});
  }
  if (pairs.empty())
    return Error{kUsage, "no_classes",
                 "model \"" + manifest.name +
                     "\" has no target of class numbers to count by"};
  return pairs;
}

static double share(int64_t part, int64_t whole) {
  return whole ? double(part) / double(whole) : 0;
}

double ClassScores::recall() const { return share(right, samples); }
double ClassScores::precision() const { return share(right, guessed); }
double ClassScores::f1() const { return share(2 * right, samples + guessed); }

void ByClass::see(uint64_t first, int64_t valid, const PortValues &values) {
  const float *scores = nullptr;
  const int32_t *labels = nullptr;
  for (const auto &[port, data] : values) {
    if (port == pair.prediction)
      scores = static_cast<const float *>(data);
    if (port == pair.target)
      labels = static_cast<const int32_t *>(data);
  }
  int64_t places = pair.places(), classes = pair.classes();
  std::vector<float> row(static_cast<size_t>(classes));
  for (int64_t i = 0; i < valid; ++i)
    for (int64_t p = 0; p < places; ++p) {
      for (int64_t c = 0; c < classes; ++c)
        row[size_t(c)] = scores[(i * classes + c) * places + p];
      seePlace(first + uint64_t(i), row.data(), labels[i * places + p]);
    }
}

// The probability of scores[guess]: of scores and log-probabilities alike.
static double probability(const PortSpec &port, const float *scores,
                          int64_t classes, int64_t guess) {
  if (port.meaning == Meaning::Probabilities)
    return scores[guess];
  double sum = 0;
  for (int64_t c = 0; c < classes; ++c)
    sum += std::exp(double(scores[c]) - double(scores[guess]));
  return 1 / sum;
}

void ByClass::seePlace(uint64_t sample, const float *scores, int64_t label) {
  bool ignored = pair.target->ignore && label == *pair.target->ignore;
  if (ignored || label < 0 || label >= classes())
    return;
  int64_t guess = argmax(scores, classes());
  ++counts[size_t(label * classes() + guess)];
  if (guess != label && pair.target->shape.empty())
    wrong.push_back({sample, label, guess,
                     probability(*pair.prediction, scores, classes(), guess)});
}

ClassScores ByClass::scores(int64_t label) const {
  ClassScores s;
  s.right = count(label, label);
  for (int64_t other = 0; other < classes(); ++other) {
    s.samples += count(label, other);
    s.guessed += count(other, label);
    if (other != label && count(label, other) > s.rivalCount)
      s.rival = other, s.rivalCount = count(label, other);
  }
  return s;
}

double ByClass::balancedAccuracy() const {
  double sum = 0;
  int64_t present = 0;
  for (int64_t label = 0; label < classes(); ++label) {
    ClassScores s = scores(label);
    sum += s.recall();
    present += s.samples > 0;
  }
  return present ? sum / double(present) : 0;
}

} // namespace gradmill::rt
