// Changes to weights between one program's file and another's: names, layouts of
// matrices, element types, and whether they fit a graph.
#pragma once

#include "weights/WeightsFile.h"

namespace gradmill::rt {

struct WeightsEdit {
  // 'features\.(\d+)\.(.*)=block\1.\2': an ECMAScript regular expression that a
  // whole name matches, and what replaces it. In this order, each on the names
  // that the ones before it left.
  std::vector<std::string> renames;
  // "fc*.weight": names, after renaming, of matrices whose dimensions are
  // exchanged.
  std::vector<std::string> transposes;
  std::string to; // "f32", "f64": the type that all become; empty: they stay
};

// Tensors of whole numbers (num_batches_tracked) are left out, and named in a
// note. Errors: weights_rename, weights_transpose.
Status editWeights(WeightsFile &file, const WeightsEdit &edit,
                   const std::string &path);

// A tensor that a graph has.
struct WantedTensor {
  std::string name, dtype; // "F32"
  std::vector<int64_t> shape;
};

// Leaves the tensors that are wanted, in their order. Others are named in a note.
// Error: weights_mismatch, with all that is missing, of another shape or type.
Status fitWeights(WeightsFile &file, const std::vector<WantedTensor> &wanted,
                  const std::string &path);
// Error: weights_type, of the first tensor that is not of `dtype`.
Status checkTypes(const WeightsFile &file, const std::string &dtype,
                  const std::string &path);

struct TensorStatistics {
  double min = 0, mean = 0, max = 0; // of the finite numbers
  uint64_t notFinite = 0;
};
TensorStatistics statisticsOf(const StoredTensor &tensor);

} // namespace gradmill::rt
