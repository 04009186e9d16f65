#include "train/Classify.h"
#include "core/Text.h"

#include <algorithm>

namespace gradmill::rt {

// Whether the loss, if there is one, compares the prediction with classes.
static bool hasClasses(const Manifest &manifest, const PortSpec &prediction) {
  std::vector<const PortSpec *> targets = manifest.portsOf(PortRole::Target);
  return targets.empty() || prediction.meaning != Meaning::Scores ||
         std::any_of(targets.begin(), targets.end(),
                     [](const PortSpec *t) { return t->classes > 0; });
}

Result<Classifier> classifierOf(const Model &model) {
  const Manifest &manifest = model.manifest();
  std::vector<const PortSpec *> data = manifest.portsOf(PortRole::Data);
  std::vector<const PortSpec *> predictions =
      manifest.portsOf(PortRole::Prediction);
  bool takesPicture = data.size() == 1 && data[0]->shape.size() == 3 &&
                      data[0]->dtype == DType::F32;
  bool givesClasses = predictions.size() == 1 &&
                      predictions[0]->shape.size() == 1 &&
                      predictions[0]->dtype == DType::F32 &&
                      hasClasses(manifest, *predictions[0]);
  if (takesPicture && givesClasses)
    return Classifier{data[0], predictions[0]};
  std::string list;
  for (const PortSpec &port : manifest.ports)
    if (port.role == PortRole::Data || port.role == PortRole::Prediction)
      list += std::string("\n  ") + portRoleName(port.role) + " " + port.name +
              ": " + portText(port);
  return makeError(kBadInput, "no_classifier",
                   {"model \"", manifest.name,
                    "\" does not say which class a picture [C, H, W] belongs "
                    "to; use run, which prints raw outputs:",
                    list});
}

Result<std::vector<float>> classify(Model &model, const Classifier &classifier,
                                    const uint8_t *pixels) {
  std::vector<float> image(classifier.image->elements);
  Model::normalize(*classifier.image, pixels, image.data());
  std::vector<float> rows(classifier.prediction->elements);
  const void *data[] = {image.data()};
  void *predictions[] = {rows.data()};
  if (Status error = model.infer(data, 1, predictions))
    return *error;
  Model::toLogProbabilities(*classifier.prediction, rows.data(), 1);
  return rows;
}

} // namespace gradmill::rt
