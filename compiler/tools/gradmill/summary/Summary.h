// What `gradmill summary` says of a graph, as plain data: no MLIR type, so that
// tables, pages and differences are made of it without the compiler.
#pragma once
#include "core/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gradmill::cli {

/// Along one axis of the picture, in its pixels (nn/ReceptiveField.h).
struct FieldAxis {
  double field = 0, jump = 0, start = 0;
};

/// For one sample. What is not known is less than 0.
struct LayerNumbers {
  int64_t parameters = 0;
  int64_t tied = 0; // that a layer before has, too, and that count there
  int64_t macs = 0, macsWithPadding = 0;
  int64_t bytes = 0; // of its results
  int64_t kept = 0;  // bytes of these that the backward pass reads
  double seconds = 0;

  void add(const LayerNumbers &other);
};

/// An op, or a block of layers, whose numbers are the sums of theirs and whose
/// output is that of its last one.
struct Layer {
  std::string name; // without that of the blocks around it; perhaps ""
  std::string path; // with it
  std::string op;   // "nn.conv2d"; "" of a block
  std::string shape, place;
  LayerNumbers numbers;
  bool seesPicture = true; // no field where nobody can say what is seen
  std::vector<FieldAxis> field;
  std::vector<int64_t> inputs;      // ops whose results it reads, counted from 0
                                    // over all blocks; -1: an input of the graph
  std::vector<std::string> kernels; // that were timed, and begin with this op
  std::vector<Layer> layers;
};

struct SummaryPort {
  std::string name, shape, note; // "mean 0.1307, std 0.3081", "log-probabilities"
  int64_t from = -1; // an output: the op that makes it, as of Layer::inputs
};

struct Measured {
  std::string entry, cpu; // "train", "avx2"
  int64_t batch = 0, arenaBytes = 0;
  int threads = 0;
  double step = 0, elsewhere = 0; // seconds of a step; of those, of no layer
};

struct Summary {
  std::string graph;
  std::vector<SummaryPort> inputs, outputs;
  std::vector<Layer> layers;
  LayerNumbers total;
  std::vector<std::string> tied; // names
  int64_t batch = 0;             // that the graph is for; 0: any
  int64_t peakBytes = 0;         // of values alive at once, forward
  int64_t modelBytes = 0;        // parameters and buffers
  int64_t gradientBytes = 0;     // of the parameters
  int64_t stateBytes = -1;       // of the optimizer
  std::string untrainable;       // why `kept` is unknown
  std::optional<Measured> measured;
};

/// Sums of blocks, from their layers.
void addUp(Summary &summary);
/// A tree whose blocks below `depth` are one row each; 0: as it is.
Summary collapsed(Summary summary, int64_t depth);

/// "3", "5x7" where height and width differ, "-" if unknown; "0" of nothing.
std::string fieldText(const Layer &layer, double FieldAxis::*size);
/// "42.3K".
std::string bytesText(int64_t bytes);

std::string summaryTable(const Summary &summary);
std::string summaryJson(const Summary &summary);
/// A page that needs no other file, light or dark as the reader has it.
std::string summaryPage(const Summary &summary);
/// What `after` has otherwise than `before`, layer by layer.
std::string summaryDifference(const Summary &before, const Summary &after);
std::string summaryDifferenceJson(const Summary &before, const Summary &after);

} // namespace gradmill::cli
