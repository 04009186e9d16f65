#include "core/Json.h"
#include "core/Number.h"
#include "core/Text.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"
#include "tools/Data.h"
#include "tools/EvalDetails.h"
#include "train/Evaluate.h"

#include "checkpoint/Checkpoint.h"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace gradmill::rt {

std::string defaultWeights(const Model &model) {
  return model.manifest().name + ".ckpt.safetensors";
}

// Whether the artifact carries trained values itself (compiled with --weights).
static bool carriesWeights(const Model &model) {
  const auto &tensors = model.manifest().tensors;
  return std::all_of(tensors.begin(), tensors.end(), [](const TensorSpec &t) {
    return t.role != Role::Parameter || t.init.kind == TensorInit::Kind::Data;
  });
}

Status loadWeightsFor(Model &model, const std::string &weights) {
  if (!weights.empty())
    return loadWeights(model, weights);
  if (carriesWeights(model))
    return ok;
  std::string file = defaultWeights(model);
  if (access(file.c_str(), F_OK) != 0)
    return makeError(kIo, "no_weights",
                     {"no weights: train first, which writes ", file,
                      " here, or name a file with --weights"});
  return loadWeights(model, file);
}

static SeeBatch seenBy(EvalDetails *details) {
  if (!details)
    return {};
  return [details](uint64_t first, int64_t valid, const PortValues &values) {
    details->see(first, valid, values);
  };
}

int runEval(Model &model, const EvalOptions &options) {
  if (Status error = model.setThreads(options.threads))
    return reportError(*error);
  if (Status error = loadWeightsFor(model, options.weights))
    return reportError(*error);
  auto data = openDataFor(options.data, options.cacheDir,
                          options.allowDownload, options.maxUnpack, false);
  if (!data)
    return reportError(data.error());
  Dataset *part = &data->test;
  if (options.choosePart) {
    auto chosen = options.choosePart(options, model, *data);
    if (!chosen)
      return reportError(chosen.error());
    part = *chosen;
  }
  std::unique_ptr<EvalDetails> details;
  if (options.makeDetails) {
    auto made = options.makeDetails(options, model, *part);
    if (!made)
      return reportError(made.error());
    details = std::move(*made);
  }
  auto columns = evaluationColumns(model, *part, options.map);
  if (!columns)
    return reportError(columns.error());
  auto result = evaluate(model, *part, *columns, {}, seenBy(details.get()));
  if (!result)
    return reportError(result.error());
  if (result->notFinite)
    return reportError(outputNotFinite(
        model, "the outputs of " + std::to_string(result->notFinite) + " of " +
                   std::to_string(result->samples) + " " + options.part + " samples"));
  if (options.json) {
    Json json = Json::object({{"model", model.manifest().name},
                              {"data", data->source},
                              {"split", options.part},
                              {"samples", result->samples},
                              {"loss", result->loss}});
    for (const Score &score : result->metrics)
      json[score.port->name] = score.value;
    if (details)
      if (Status error = details->finish(&json))
        return reportError(*error);
    std::printf("%s\n", jsonText(json, 2).c_str());
  } else {
    std::printf("%s %s of %lld samples\n", options.part.c_str(),
                scoresText(result->loss, result->metrics).c_str(),
                (long long)result->samples);
    if (details)
      if (Status error = details->finish(nullptr))
        return reportError(*error);
  }
  return finishOutput(kOk);
}

} // namespace gradmill::rt
