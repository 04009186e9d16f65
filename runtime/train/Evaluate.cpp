#include "train/Evaluate.h"

#include "data/Loader.h"

#include <algorithm>
#include <cmath>

namespace gradmill::rt {

int64_t argmax(const float *scores, int64_t count) {
  return std::max_element(scores, scores + count) - scores;
}

bool hasNaN(const float *scores, int64_t count) {
  return std::any_of(scores, scores + count,
                     [](float score) { return std::isnan(score); });
}

Error outputNotFinite(const Model &model, const std::string &what) {
  const Tensor *tensor = model.firstNotFinite();
  return Error{kFailure, "output_not_finite",
               what + " are infinite or NaN: " +
                   (tensor ? "so is \"" + tensor->spec->name +
                                 "\", perhaps from a training that diverged; "
                                 "load other weights"
                           : "all weights are finite, but a value that the net "
                             "computes from them is not")};
}

Status checkData(const Model &model, const Dataset &data) {
  const Manifest &manifest = model.manifest();
  std::vector<int64_t> shape{data.channels, data.height, data.width};
  auto mismatch = [&](const std::string &what) {
    return Error{kBadInput, "data_mismatch",
                 data.name + ": " + what + "; name other data with --data"};
  };
  if (data.size() == 0)
    return mismatch("no images");
  if (shape != manifest.input.shape)
    return mismatch("images are " + shapeText(shape) + ", model \"" +
                    manifest.name + "\" takes " +
                    shapeText(manifest.input.shape));
  uint8_t largest = *std::max_element(data.labels.begin(), data.labels.end());
  if (largest >= manifest.classes)
    return mismatch("label " + std::to_string(largest) + ", model \"" +
                    manifest.name + "\" has " +
                    std::to_string(manifest.classes) + " classes");
  return ok;
}

Result<Evaluation> evaluate(Model &model, const Dataset &data,
                            const std::function<bool()> &stop) {
  auto entry = model.require("infer");
  if (!entry)
    return entry.error();
  if (Status error = checkData(model, data))
    return *error;
  const Manifest &manifest = model.manifest();
  LoaderOptions options;
  options.batch = (*entry)->spec().batch;
  options.shuffle = options.dropLast = false;
  options.mean = manifest.input.mean;
  options.std = manifest.input.std;
  Loader loader(data, options);
  loader.start(0);
  std::vector<float> output(size_t(options.batch * manifest.classes));
  Evaluation result;
  while (const Batch *batch = loader.next()) {
    if (stop && stop())
      break;
    if (Status error =
            model.classify(batch->images.data(), options.batch, output.data()))
      return *error;
    for (int64_t i = 0; i < batch->valid; ++i) {
      const float *row = &output[size_t(i * manifest.classes)];
      result.correct += argmax(row, manifest.classes) == batch->labels[i];
      result.loss -= row[batch->labels[i]];
      result.notFinite += hasNaN(row, manifest.classes) ||
                          !std::isfinite(row[batch->labels[i]]);
    }
    result.images += batch->valid;
  }
  if (result.images)
    result.loss /= double(result.images);
  return result;
}

} // namespace gradmill::rt
