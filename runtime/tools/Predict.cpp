#include "core/Json.h"
#include "data/Image.h"
#include "report/Terminal.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"
#include "train/Classify.h"
#include "train/Evaluate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <unistd.h>

namespace gradmill::rt {

static Invert invertFrom(const std::string &text) {
  return text == "yes" ? Invert::Yes : text == "no" ? Invert::No : Invert::Auto;
}

// Class probabilities of one picture.
static Result<std::vector<float>> confidences(Model &model,
                                              const Classifier &classifier,
                                              const std::string &path,
                                              const ImageOptions &options) {
  const std::vector<int64_t> &shape = classifier.image->shape;
  auto picture = readPng(path, options.maxUnpack);
  if (!picture)
    return picture.error();
  auto pixels = preprocessImage(classifier.image->preprocess, *picture, path,
                                int(shape[0]), int(shape[1]), int(shape[2]),
                                options);
  if (!pixels)
    return pixels.error();
  auto output = classify(model, classifier, pixels->data());
  if (!output)
    return output.error();
  if (hasNaN(output->data(), classifier.classes()))
    return outputNotFinite(model, path + ": the outputs");
  for (float &value : *output)
    value = std::exp(value);
  return output;
}

static void printPrediction(const Terminal &terminal, const std::string &path,
                            const std::vector<float> &scores,
                            const std::vector<size_t> &order) {
  if (!terminal.interactive) {
    std::printf("%s: %zu %.4f\n", printable(path).c_str(), order[0], scores[order[0]]);
    return;
  }
  std::printf("%s: %s\n", printable(path).c_str(),
              colored(terminal, "1", std::to_string(order[0])).c_str());
  int width = std::clamp(terminal.width - 20, 10, 40);
  constexpr size_t most = 10;
  for (size_t i = 0; i < std::min(order.size(), most); ++i)
    std::printf("  %3zu %s %6.2f%%\n", order[i],
                barText(terminal, scores[order[i]], width).c_str(),
                100 * scores[order[i]]);
}

int runPredict(Model &model, const PredictOptions &options) {
  if (Status error = model.setThreads(options.threads))
    return reportError(*error);
  if (Status error = loadWeightsFor(model, options.weights))
    return reportError(*error);
  auto classifier = classifierOf(model);
  if (!classifier)
    return reportError(classifier.error());
  Terminal terminal = Terminal::of(STDOUT_FILENO);
  ImageOptions imageOptions;
  imageOptions.invert = invertFrom(options.invert);
  imageOptions.maxUnpack = options.maxUnpack;
  Json list = Json::array();
  int code = kOk;
  for (const std::string &path : options.images) {
    auto scores = confidences(model, *classifier, path, imageOptions);
    if (!scores) { // the other pictures may be fine
      int failed = reportError(scores.error());
      code = code == kOk ? failed : code;
      continue;
    }
    std::vector<size_t> order(scores->size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return std::pair((*scores)[a], b) > std::pair((*scores)[b], a);
    });
    if (options.json)
      list.push_back(Json::object({{"file", path},
                                   {"class", order[0]},
                                   {"confidence", (*scores)[order[0]]},
                                   {"confidences", *scores}}));
    else
      printPrediction(terminal, path, *scores, order);
  }
  if (options.json)
    std::printf("%s\n", jsonText(list, 2).c_str());
  return finishOutput(code);
}

} // namespace gradmill::rt
