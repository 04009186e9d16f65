// Samples in memory: the output of every data source and the input of the
// loader.
#pragma once

#include "core/Port.h"
#include "data/Pixels.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gradmill::rt {

// One property of each sample: a picture, a class number, a price.
struct Column {
  std::string name; // "image", "label", or what a file's header calls it
  DType dtype = DType::U8;
  std::vector<int64_t> shape{}; // of one sample: [C, H, W]; [] for a number
  // Whether it is a target, as far as the source knows.
  bool target = false;
  // Class numbers 0..classes-1; 0: any numbers.
  int64_t classes = 0;
  std::vector<std::string> classNames{}; // of the classes, or empty
  Pixels values{};                       // [samples, ...shape], dense

  uint64_t elements() const; // of one sample
  uint64_t bytes() const { return elements() * dtypeBytes(dtype); }
};

struct Dataset {
  std::string name; // what to call it in messages: "mnist/train"
  uint64_t samples = 0;
  std::vector<Column> columns;

  uint64_t size() const { return samples; }
  const Column *find(std::string_view column) const;
};

// Of all values: "crc32:NUMBER/SAMPLES".
std::string checksumOf(const Dataset &data);

struct DatasetSplit {
  Dataset train, test;
  std::string source; // where it came from, for people: "/data/mnist", "drawn
                      // digits (seed 1)"
  std::vector<std::string> files; // that it was read from
  Dataset validation{};           // held out of `train` (Validation.h), or empty
};

} // namespace gradmill::rt
