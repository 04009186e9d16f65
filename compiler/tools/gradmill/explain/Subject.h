// A model that is explained: runs pictures through it.
#pragma once
#include "Calibration.h"
#include "Maps.h"
#include "Prepare.h"
#include "core/Model.h"
#include "data/Loader.h"

namespace gradmill::cli {

/// One sample, as the model takes it.
struct Sample {
  std::string name; // "test 12", "seven.png"
  int64_t index = 0, label = -1;
  std::vector<float> values; // normalized, [C, H, W]
};

class Subject {
public:
  /// The compiled model with its weights. Errors: those of the artifact.
  static rt::Result<std::unique_ptr<Subject>> create(const CompiledLibrary &library,
                                                     Prepared prepared,
                                                     const ExplainCommand &command);

  rt::Model &model() { return *net; }
  const rt::PortSpec &image() const { return *imagePort; }
  int64_t classes() const { return int64_t(scorePort->elements); }
  const Prepared &prepared() const { return names; }

  /// Likelihoods of the classes, a row for each of `count` samples.
  rt::Result<std::vector<float>> likelihoods(const float *images, int64_t count);
  Verdict judge(const float *likelihoods, int64_t index, int64_t label) const;

  /// What speaks for the class, as large as the layer or the picture.
  rt::Result<PixelMap> explain(const Sample &sample, int64_t ofClass);
  /// The values of the layer of --activations.
  rt::Result<std::vector<float>> activations(const Sample &sample,
                                             ChannelMaps &shape);
  /// The picture as numbers from 0 to 1.
  std::vector<float> pictureOf(const Sample &sample) const;

private:
  Subject() = default;
  rt::Result<rt::BoundEntry *> runGradients(const Sample &sample, int64_t ofClass);
  rt::Result<PixelMap> occlusion(const Sample &sample, int64_t ofClass);
  ChannelMaps mapsOf(const rt::BoundEntry &entry, const std::string &port) const;

  std::shared_ptr<const rt::Artifact> artifact;
  std::unique_ptr<rt::Model> net;
  Prepared names;
  std::string method;
  int64_t patch = 0;
  const rt::PortSpec *imagePort = nullptr, *scorePort = nullptr;
};

/// The graph, compiled for its explanation, with the command's weights. Errors:
/// no_entry, no_classifier, unknown_layer, and those of compiling and of weights.
rt::Result<std::unique_ptr<Subject>> compileSubject(const ExplainCommand &command);

} // namespace gradmill::cli
