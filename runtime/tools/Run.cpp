#include "core/JsonFields.h"
#include "core/Philox.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"
#include "tools/RawInput.h"
#include "train/Evaluate.h"

#include <cmath>
#include <cstdio>

namespace gradmill::rt {

static Result<std::vector<float>> inputsFor(const Model &model,
                                            const RunOptions &options) {
  uint64_t elements = model.manifest().input.elements;
  if (!options.input.empty())
    return readFloats(options.input, elements);
  std::vector<float> values(elements * uint64_t(options.count));
  PhiloxStream random(options.seed, PhiloxPurpose::RunInput, 0);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = 2 * random.uniform(i) - 1;
  return values;
}

static void printRows(const std::vector<float> &output, size_t classes) {
  for (size_t i = 0; i < output.size(); ++i)
    std::printf("%.9g%c", std::isnan(output[i]) ? NAN : output[i],
                (i + 1) % classes ? ' ' : '\n');
}

// They have been printed all the same.
static int finish(const Model &model, const std::vector<float> &output) {
  if (hasNaN(output.data(), int64_t(output.size())))
    return finishOutput(reportError(outputNotFinite(model, "outputs")));
  return finishOutput(kOk);
}

int runRun(Model &model, const RunOptions &options) {
  if (Status error = model.setThreads(options.threads))
    return reportError(*error);
  if (options.initialWeights)
    model.init(options.seed);
  else if (Status error = loadWeightsFor(model, options.weights))
    return reportError(*error);
  auto inputs = inputsFor(model, options);
  if (!inputs)
    return reportError(inputs.error());
  size_t count = inputs->size() / model.manifest().input.elements;
  size_t classes = size_t(model.manifest().classes);
  std::vector<float> output(count * classes);
  if (Status error = model.infer(inputs->data(), int64_t(count), output.data()))
    return reportError(*error);
  if (!options.json) {
    printRows(output, classes);
    return finish(model, output);
  }
  Json rows = Json::array();
  for (size_t i = 0; i < count; ++i)
    rows.push_back(std::vector<float>(output.begin() + i * classes,
                                      output.begin() + (i + 1) * classes));
  std::printf("%s\n", jsonText(Json{{"output", rows}}).c_str());
  return finish(model, output);
}

} // namespace gradmill::rt
