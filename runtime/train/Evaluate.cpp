#include "train/Evaluate.h"

#include "core/Number.h"
#include "core/Text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gradmill::rt {

std::string scoreText(const Score &score) {
  if (!score.port->share)
    return fixedText(score.value, 4);
  return fixedText(100 * score.value, 2) + "%";
}

std::string scoresText(double loss, const std::vector<Score> &metrics) {
  std::string text, lossText = "loss " + fixedText(loss, 4);
  for (const Score &score : metrics)
    text += (text.empty() ? "" : ", ") + score.port->name + " " +
            scoreText(score);
  return text.empty() ? lossText : text + " (" + lossText + ")";
}

int64_t argmax(const float *scores, int64_t count) {
  return std::max_element(scores, scores + count) - scores;
}

bool hasNaN(const float *scores, int64_t count) {
  return std::any_of(scores, scores + count,
                     [](float score) { return std::isnan(score); });
}

Error outputNotFinite(const Model &model, const std::string &what) {
  const Tensor *tensor = model.firstNotFinite();
  return makeError(
      kFailure, "output_not_finite",
      {what, " are infinite or NaN: ",
       (tensor ? "so is \"" + tensor->spec->name +
                     "\", perhaps from a training that diverged; "
                     "load other weights"
               : "all weights are finite, but a value that the net "
                 "computes from them is not")});
}

std::vector<const PortSpec *> fedPorts(const Manifest &manifest,
                                       const std::vector<std::string> &what) {
  std::vector<const PortSpec *> ports;
  for (const PortSpec &port : manifest.ports) {
    if (port.role != PortRole::Data && port.role != PortRole::Target)
      continue;
    bool read = std::any_of(what.begin(), what.end(), [&](const auto &does) {
      const EntrySpec *entry = manifest.doing(does);
      return entry && entry->find(BufferSpec::Kind::Input, port.name);
    });
    if (read)
      ports.push_back(&port);
  }
  return ports;
}

Result<std::vector<PortColumn>>
columnsByMap(const Dataset &data, const std::vector<const PortSpec *> &ports,
             const std::string &map, const Manifest &manifest) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (size_t from = 0; from < map.size();) {
    size_t end = std::min(map.find(',', from), map.size());
    std::string pair = map.substr(from, end - from);
    size_t equals = pair.find('=');
    if (equals == std::string::npos)
      return makeError(kUsage, "data_map",
                       {"--map ", map, ": \"", pair, "\" is not PORT=COLUMN"});
    pairs.push_back({pair.substr(0, equals), pair.substr(equals + 1)});
    from = end + 1;
  }
  return columnsFor(data, ports, pairs, manifest.name);
}

namespace {

// One batch after the other: predictions, then what the loss says of them.
class Evaluator {
public:
  Evaluator(Model &model, std::vector<PortColumn> columns, int64_t batch,
            const SeeBatch &sees)
      : model(model), columns(std::move(columns)), batch(batch), sees(sees) {}

  Status allocate() {
    for (const PortSpec *port : ports(PortRole::Prediction)) {
      auto buffer = AlignedBuffer::allocate(uint64_t(batch) * port->bytes(),
                                            "predictions");
      if (!buffer)
        return buffer.error();
      memory.push_back(std::move(*buffer));
      predictions.push_back(memory.back().data());
    }
    sums.resize(model.scores().size());
    return ok;
  }

  Status add(const Batch &samples) {
    std::vector<const void *> data;
    PortValues values;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].port->role == PortRole::Data)
        data.push_back(samples.at(i));
      values.push_back({columns[i].port, samples.at(i)});
    }
    // Whole batches, whatever is valid: what a sample's predictions are does
    // not depend on how many stand beside it.
    if (Status error = model.infer(data, batch, predictions))
      return error;
    size_t i = 0;
    for (const PortSpec *port : ports(PortRole::Prediction)) {
      values.push_back({port, predictions[i]});
      countNaNs(*port, predictions[i++], samples.valid);
    }
    if (sees)
      sees(uint64_t(result.samples), samples.valid, values);
    auto scores = model.score(values, samples.valid);
    if (!scores)
      return scores.error();
    for (size_t s = 0; s < sums.size(); ++s)
      sums[s] += (*scores)[s] * double(samples.valid);
    result.samples += samples.valid;
    return ok;
  }

  Evaluation finish() {
    double count = double(std::max<int64_t>(result.samples, 1));
    std::vector<const PortSpec *> ports = model.scores();
    result.loss = sums.front() / count;
    for (size_t i = 1; i < sums.size(); ++i)
      result.metrics.push_back({ports[i], sums[i] / count});
    return result;
  }

private:
  std::vector<const PortSpec *> ports(PortRole role) const {
    return model.manifest().portsOf(role);
  }

  void countNaNs(const PortSpec &port, const void *values, int64_t valid) {
    if (port.dtype != DType::F32)
      return;
    auto *rows = static_cast<const float *>(values);
    for (int64_t i = 0; i < valid; ++i)
      result.notFinite +=
          hasNaN(rows + uint64_t(i) * port.elements, int64_t(port.elements));
  }

  Model &model;
  std::vector<PortColumn> columns;
  int64_t batch;
  const SeeBatch &sees;
  std::vector<AlignedBuffer> memory;
  std::vector<void *> predictions;
  std::vector<double> sums;
  Evaluation result;
};

} // namespace

Result<std::vector<PortColumn>> evaluationColumns(const Model &model,
                                                  const Dataset &data,
                                                  const std::string &map) {
  return columnsByMap(data, fedPorts(model.manifest(), {kInfer, kLoss}), map,
                      model.manifest());
}

Result<Evaluation> evaluate(Model &model, const Dataset &data,
                            const std::vector<PortColumn> &columns,
                            const std::function<bool()> &stop,
                            const SeeBatch &see) {
  for (const char *what : {kInfer, kLoss})
    if (auto entry = model.require(what); !entry)
      return entry.error();
  if (data.size() == 0)
    return Error{kBadInput, "data_too_small",
                 data.name + ": there are no samples to evaluate on"};
  LoaderOptions options;
  options.batch = model.manifest().doing(kInfer)->batch;
  options.shuffle = options.dropLast = false;
  auto loader = Loader::create(data, columns, options);
  if (!loader)
    return loader.error();
  Evaluator evaluator(model, columns, options.batch, see);
  if (Status error = evaluator.allocate())
    return *error;
  (*loader)->start(0);
  while (const Batch *batch = (*loader)->next()) {
    if (stop && stop())
      break;
    if (Status error = evaluator.add(*batch))
      return *error;
  }
  return evaluator.finish();
}

} // namespace gradmill::rt
