// The inputs and outputs of a model (docs/ports.md): the manifest's list of
// ports.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gradmill::rt {

enum class DType { F32, F64, I32, I64, U8 };
const char *dtypeName(DType dtype); // "f32"
uint64_t dtypeBytes(DType dtype);
std::optional<DType> dtypeFromName(std::string_view name);

// "[128, 1, 28, 28]", for messages.
std::string shapeText(const std::vector<int64_t> &shape);

enum class PortRole {
  Data,
  Target,
  Cotangent, // the weight of each element of a prediction in a gradient
  Prediction,
  Loss,
  Metric,
  Value, // a value inside of the graph
  Gradient
};
const char *portRoleName(PortRole role); // "data"

std::optional<PortRole> portRoleFromName(std::string_view name);

// The meaning of a prediction's numbers (dialects/nn/interfaces/Meaning.h).
enum class Meaning { Scores, Probabilities, LogProbabilities };

struct PortSpec {
  std::string name;
  PortRole role = PortRole::Data;
  DType dtype = DType::F32;
  std::vector<int64_t> shape; // of one sample: [C, H, W]
  uint64_t elements = 1;      // of one sample
  // Whether it has a value for each sample. A loss has one for the batch, and
  // so has the gradient by a parameter.
  bool batched = true;

  // Data: how to normalize a data source's values, per channel (dimension 0 of
  // a sample); {0} and {1} if the graph does not say.
  std::vector<float> mean{0}, std{1};
  std::string preprocess; // what `predict` does to a picture first; or empty

  // Target: class numbers 0..classes-1; 0: any numbers. `ignore` is a further
  // number for "no class".
  int64_t classes = 0;
  std::optional<int64_t> ignore;
  // Target of numbers: what they may be.
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  Meaning meaning = Meaning::Scores; // prediction
  bool share = false; // metric: from 0 to 1, printed as a percentage

  uint64_t bytes() const { return elements * dtypeBytes(dtype); } // of a sample
};

// "f32 [1, 28, 28]", for messages.
std::string portText(const PortSpec &port);

} // namespace gradmill::rt
