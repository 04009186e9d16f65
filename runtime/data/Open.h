// From the argument of --data to images in memory.
#pragma once

#include "core/Error.h"
#include "data/Dataset.h"
#include "data/Fetch.h"
#include "data/Unpack.h"

#include <cstdint>
#include <functional>
#include <string>

namespace gradmill::rt {

struct DataOptions {
  std::string cacheDir; // empty: defaultCacheDirectory(); MNIST is in mnist/
  bool allowDownload = true;
  uint64_t seed = 1; // of drawn digits
  bool quiet = false;
  uint64_t maxUnpack = kMaxUnpack;                     // Unpack.h
  std::function<void(const std::string &)> message;    // one line, for people
  std::function<bool(const FetchProgress &)> progress; // false cancels
};

//   auto       MNIST where it is at hand ($GRADMILL_MNIST_DIR, data/mnist,
//              mnist, the cache, /usr/share), else downloaded, else drawn
//              digits, with a message that says so
//   mnist      the same without drawn digits
//   digits     10,000 drawn digits to train with, 2,000 to test
//   digits:N   N to train with, N / 5 to test
//   DIRECTORY  the four IDX files there
//
// Errors: data_unknown (no such name or directory, with a suggestion),
// data_count (digits:N), data_absent (not at hand, downloads not allowed), and
// those of Idx.h and Fetch.h.
Result<DatasetSplit> openDataset(const std::string &spec,
                                 const DataOptions &options);

} // namespace gradmill::rt
