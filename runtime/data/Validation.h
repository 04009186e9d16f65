// A validation set: training samples that training does not see, for choosing a
// recipe (docs/data.md).
#pragma once

#include "core/Error.h"
#include "data/Dataset.h"

#include <cstdint>
#include <string>

namespace gradmill::rt {

struct ValidationSplit {
  // Below 1 a fraction of the training samples, else their number; 0: none.
  double amount = 0;
  uint64_t seed = 1;

  explicit operator bool() const { return amount > 0; }
  friend bool operator==(const ValidationSplit &,
                         const ValidationSplit &) = default;
};

// "0.1", "5000, seed 2".
std::string splitText(const ValidationSplit &split);

// Moves samples from data.train to data.validation. Each sample has a number
// that depends only on the seed and its place in the training set; the lowest
// numbers are taken. If one target is a class, each class gives its proportion.
// The order of the samples stays. Error: val_split (no sample would be left to
// train, or none to validate).
Status holdOutValidation(DatasetSplit &data, const ValidationSplit &split);

} // namespace gradmill::rt
