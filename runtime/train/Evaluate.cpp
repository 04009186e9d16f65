#include "train/Evaluate.h"

#include "core/Number.h"
#include "core/Text.h"
#include "distributed/Ranks.h"

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
    width = model.scores().size() + 2;
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
    int64_t notFinite = 0;
    for (const PortSpec *port : ports(PortRole::Prediction)) {
      values.push_back({port, predictions[i]});
      notFinite += countNaNs(*port, predictions[i++], samples.valid);
    }
    if (sees)
      sees(seen, samples.valid, values);
    seen += uint64_t(samples.valid);
    auto scores = model.score(values, samples.valid);
    if (!scores)
      return scores.error();
    for (double score : *scores)
      rows.push_back(score * double(samples.valid));
    rows.push_back(double(samples.valid));
    rows.push_back(double(notFinite));
    return ok;
  }

  // After this rank's batches: those of all.
  void share(Ranks &ranks, int64_t batches) {
    std::vector<double> all(size_t(batches) * width, 0);
    std::vector<uint64_t> begins;
    for (int rank = 0; rank <= ranks.size; ++rank)
      begins.push_back(uint64_t(ranks.begin(batches, rank)) * width *
                       sizeof(double));
    std::copy(rows.begin(), rows.end(),
              all.begin() + ranks.begin(batches, ranks.rank) * int64_t(width));
    ranks.gather(all.data(), begins.data());
    rows = std::move(all);
  }

  // Adds up in the batches' order, whoever computed them.
  Evaluation finish() {
    Evaluation result;
    std::vector<double> sums(width - 2, 0);
    for (size_t row = 0; row < rows.size(); row += width) {
      for (size_t s = 0; s < sums.size(); ++s)
        sums[s] += rows[row + s];
      result.samples += int64_t(rows[row + width - 2]);
      result.notFinite += int64_t(rows[row + width - 1]);
    }
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

  static int64_t countNaNs(const PortSpec &port, const void *values,
                           int64_t valid) {
    int64_t count = 0;
    if (port.dtype != DType::F32)
      return count;
    auto *rows = static_cast<const float *>(values);
    for (int64_t i = 0; i < valid; ++i)
      count +=
          hasNaN(rows + uint64_t(i) * port.elements, int64_t(port.elements));
    return count;
  }

  Model &model;
  std::vector<PortColumn> columns;
  int64_t batch;
  const SeeBatch &sees;
  std::vector<AlignedBuffer> memory;
  std::vector<void *> predictions;
  uint64_t seen = 0;
  size_t width = 0;         // of a row: scores, samples, those with a NaN
  std::vector<double> rows; // one for each batch
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
                            const SeeBatch &see, Ranks *ranks) {
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
  const int64_t batches = (*loader)->batchesPerEpoch();
  if (kAlone)
    ranks = nullptr;
  int64_t at = ranks ? ranks->begin(batches, ranks->rank) : 0;
  const int64_t end = ranks ? ranks->begin(batches, ranks->rank + 1) : batches;
  (*loader)->start(0, at);
  for (; at < end; ++at) {
    if (stop && stop())
      break;
    if (Status error = evaluator.add(*(*loader)->next()))
      return *error;
  }
  if (ranks)
    evaluator.share(*ranks, batches);
  return evaluator.finish();
}

} // namespace gradmill::rt
