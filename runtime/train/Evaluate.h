// Losses and metrics of a model on a data set.
#pragma once

#include "core/Model.h"
#include "data/Loader.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace gradmill::rt {

class Ranks;

// A number that is reported, with the port that says what it is.
struct Score {
  const PortSpec *port;
  double value;
};

// "98.10%" of a share, else "0.1234".
std::string scoreText(const Score &score);

// "accuracy 98.10% (loss 0.0612)", "loss 0.0612" without metrics.
std::string scoresText(double loss, const std::vector<Score> &metrics);

struct Evaluation {
  int64_t samples = 0;
  int64_t notFinite = 0; // samples with a NaN among the predictions
  double loss = 0;
  std::vector<Score> metrics;
};

// The index of the largest of `count` scores; the first of equals.
int64_t argmax(const float *scores, int64_t count);

bool hasNaN(const float *scores, int64_t count);

// `what`, as "the outputs of 3 samples", are NaN: why, by the first tensor that
// is not finite either. Label: output_not_finite.
Error outputNotFinite(const Model &model, const std::string &what);

// What the entries that do `what` are fed from a data set: data and targets.
std::vector<const PortSpec *> fedPorts(const Manifest &manifest,
                                       const std::vector<std::string> &what);

// columnsFor, with "PORT=COLUMN,PORT=COLUMN" as the map. Errors: those of
// columnsFor, data_map.
Result<std::vector<PortColumn>>
columnsByMap(const Dataset &data, const std::vector<const PortSpec *> &ports,
             const std::string &map, const Manifest &manifest);

// What an evaluation on `data` is fed: found, and checked, once. Errors: those of
// columnsByMap.
Result<std::vector<PortColumn>> evaluationColumns(const Model &model,
                                                  const Dataset &data,
                                                  const std::string &map = "");

// Sees each batch of an evaluation: data, targets and predictions of its first
// `valid` samples, of which the first is sample `first` of the data.
using SeeBatch =
    std::function<void(uint64_t first, int64_t valid, const PortValues &)>;

// Runs `infer` and then `loss` over all of `data`. `stop`, if given, is asked
// between batches and ends the evaluation early. Each of `ranks` does some of
// the batches, and all receive the whole result, with the same bits as one
// process; without `stop` and `see`. Errors: no_entry,
// data_too_small.
Result<Evaluation> evaluate(Model &model, const Dataset &data,
                            const std::vector<PortColumn> &columns,
                            const std::function<bool()> &stop = {},
                            const SeeBatch &see = {}, Ranks *ranks = nullptr);

} // namespace gradmill::rt
