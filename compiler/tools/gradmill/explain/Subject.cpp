#include "Subject.h"
#include "core/Artifact.h"
#include "tools/Commands.h"
#include "train/Classify.h"
#include "train/Evaluate.h"
#include <algorithm>
#include <cmath>
#include <cstring>

namespace gradmill::cli {

rt::Result<std::unique_ptr<Subject>> Subject::create(const CompiledLibrary &library,
                                                     Prepared prepared,
                                                     const ExplainCommand &c) {
  std::unique_ptr<Subject> subject(new Subject);
  auto artifact = rt::Artifact::open(library.path());
  if (!artifact)
    return artifact.error();
  auto model = rt::Model::create(*artifact, c.threads);
  if (!model)
    return model.error();
  subject->artifact = *artifact;
  subject->net = std::move(*model);
  if (c.initialWeights)
    subject->net->init(1);
  else if (rt::Status error = rt::loadWeightsFor(*subject->net, c.weights))
    return *error;
  auto classifier = rt::classifierOf(*subject->net);
  if (!classifier)
    return classifier.error();
  subject->imagePort = classifier->image;
  subject->scorePort = classifier->prediction;
  subject->names = std::move(prepared);
  subject->method = c.method;
  const std::vector<int64_t> &shape = subject->imagePort->shape;
  subject->patch = std::min(
      {c.patch ? c.patch : std::max<int64_t>(1, std::max(shape[1], shape[2]) / 7),
       shape[1], shape[2]});
  return subject;
}

rt::Result<std::vector<float>> Subject::likelihoods(const float *images,
                                                    int64_t count) {
  std::vector<float> rows(size_t(count * classes()));
  const void *data[] = {images};
  void *predictions[] = {rows.data()};
  if (rt::Status error = net->infer(data, count, predictions))
    return *error;
  if (rt::hasNaN(rows.data(), int64_t(rows.size())))
    return rt::outputNotFinite(*net, "the scores");
  rt::Model::toLogProbabilities(*scorePort, rows.data(), count);
  for (float &value : rows)
    value = std::exp(value);
  return rows;
}

Verdict Subject::judge(const float *row, int64_t index, int64_t label) const {
  Verdict verdict;
  verdict.index = index;
  verdict.predicted = rt::argmax(row, classes());
  verdict.likelihood = row[verdict.predicted];
  if (label >= 0 && label < classes()) {
    verdict.label = label;
    verdict.ofLabel = row[label];
  }
  return verdict;
}

// All places of the batch hold the sample; the first one is read.
rt::Result<rt::BoundEntry *> Subject::runGradients(const Sample &sample,
                                                   int64_t ofClass) {
  auto entry = net->require("gradients");
  if (!entry)
    return entry.error();
  int64_t batch = (*entry)->spec().batch;
  auto *image = static_cast<float *>((*entry)->input(imagePort->name));
  auto *cotangent = static_cast<float *>(
      (*entry)->input(scorePort->name + "/cotangent"));
  if (!image || !cotangent)
    return rt::Error{rt::kInternal, "internal",
                     "the entry for gradients takes no picture or no cotangent"};
  std::fill(cotangent, cotangent + batch * classes(), 0.0f);
  for (int64_t i = 0; i < batch; ++i) {
    std::memcpy(image + i * int64_t(imagePort->elements), sample.values.data(),
                imagePort->bytes());
    cotangent[i * classes() + ofClass] = 1;
  }
  net->run(**entry);
  return *entry;
}

ChannelMaps Subject::mapsOf(const rt::BoundEntry &entry,
                            const std::string &port) const {
  const rt::BufferSpec *buffer =
      entry.spec().find(rt::BufferSpec::Kind::Output, port);
  ChannelMaps maps;
  if (!buffer || buffer->shape.size() != 4)
    return maps;
  maps.channels = buffer->shape[1];
  maps.height = buffer->shape[2];
  maps.width = buffer->shape[3];
  maps.values = static_cast<const float *>(entry.output(port));
  return maps;
}

rt::Result<PixelMap> Subject::explain(const Sample &sample, int64_t ofClass) {
  if (method == "occlusion")
    return occlusion(sample, ofClass);
  auto entry = runGradients(sample, ofClass);
  if (!entry)
    return entry.error();
  if (method == "saliency")
    return saliency(mapsOf(**entry, imagePort->name + "/gradient"));
  ChannelMaps layer = mapsOf(**entry, names.layerPort);
  ChannelMaps gradient = mapsOf(**entry, names.layerPort + "/gradient");
  return method == "gradcam" ? gradCam(layer, gradient)
                             : gradCamPlusPlus(layer, gradient);
}

rt::Result<std::vector<float>> Subject::activations(const Sample &sample,
                                                    ChannelMaps &shape) {
  auto entry = runGradients(sample, 0);
  if (!entry)
    return entry.error();
  shape = mapsOf(**entry, names.activationsPort);
  std::vector<float> values(shape.values, shape.values + shape.channels *
                                                             shape.height *
                                                             shape.width);
  shape.values = nullptr; // the caller has them
  return values;
}

// How much less likely the class is with a patch of the picture at 0, which is
// the mean picture; each pixel has the mean of the patches over it.
rt::Result<PixelMap> Subject::occlusion(const Sample &sample, int64_t ofClass) {
  const std::vector<int64_t> &shape = imagePort->shape;
  int64_t channels = shape[0], height = shape[1], width = shape[2];
  int64_t stride = std::max<int64_t>(1, patch / 2);
  std::vector<std::pair<int64_t, int64_t>> corners;
  for (int64_t y = 0;; y = std::min(y + stride, height - patch)) {
    for (int64_t x = 0;; x = std::min(x + stride, width - patch)) {
      corners.push_back({y, x});
      if (x == width - patch)
        break;
    }
    if (y == height - patch)
      break;
  }
  constexpr size_t kAtOnce = 256;
  std::vector<float> drops;
  auto whole = likelihoods(sample.values.data(), 1);
  if (!whole)
    return whole.error();
  for (size_t first = 0; first < corners.size(); first += kAtOnce) {
    size_t count = std::min(kAtOnce, corners.size() - first);
    std::vector<float> images;
    for (size_t i = 0; i < count; ++i) {
      size_t begin = images.size();
      images.insert(images.end(), sample.values.begin(), sample.values.end());
      auto [top, left] = corners[first + i];
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t y = top; y < top + patch; ++y)
          std::fill_n(images.begin() +
                          int64_t(begin) + (c * height + y) * width + left,
                      patch, 0.0f);
    }
    auto rows = likelihoods(images.data(), int64_t(count));
    if (!rows)
      return rows.error();
    for (size_t i = 0; i < count; ++i)
      drops.push_back((*whole)[size_t(ofClass)] -
                      (*rows)[i * size_t(classes()) + size_t(ofClass)]);
  }
  std::vector<double> sums(size_t(height * width)), counts(sums.size());
  for (size_t i = 0; i < corners.size(); ++i)
    for (int64_t y = 0; y < patch; ++y)
      for (int64_t x = 0; x < patch; ++x) {
        size_t p = size_t((corners[i].first + y) * width + corners[i].second + x);
        sums[p] += drops[i];
        ++counts[p];
      }
  PixelMap map{height, width, {}};
  for (size_t p = 0; p < sums.size(); ++p)
    map.values.push_back(float(std::max(0.0, sums[p] / std::max(counts[p], 1.0))));
  return map;
}

std::vector<float> Subject::pictureOf(const Sample &sample) const {
  int64_t pixels = imagePort->shape[1] * imagePort->shape[2];
  std::vector<float> picture;
  for (size_t i = 0; i < sample.values.size(); ++i) {
    size_t channel = i / size_t(pixels);
    auto of = [&](const std::vector<float> &list) {
      return list[list.size() == 1 ? 0 : channel];
    };
    picture.push_back(sample.values[i] * of(imagePort->std) + of(imagePort->mean));
  }
  auto [least, most] = std::minmax_element(picture.begin(), picture.end());
  constexpr float kRounding = 1e-3f;
  // Not of bytes: whatever they are, the least becomes black.
  if (*least < -kRounding || *most > 1 + kRounding) {
    float low = *least, size = std::max(*most - *least, 1e-30f);
    for (float &value : picture)
      value = (value - low) / size;
  }
  return picture;
}

} // namespace gradmill::cli
