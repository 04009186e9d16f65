// `gradmill data`: the contents of a data source, and the results of
// augmentation.
#pragma once

#include "data/Unpack.h"

#include <cstdint>
#include <string>

namespace CLI {
class App;
}

namespace gradmill::rt {

struct DataCommandOptions {
  std::string data = "auto", cacheDir;
  bool allowDownload = true;
  uint64_t maxUnpack = kMaxUnpack;
  std::string preview; // PNG to write, or empty
  std::string augment;
  int64_t samples = 8, versions = 8; // rows and columns of the sheet
  uint64_t seed = 1;
  bool json = false;
};

void addDataCommandOptions(CLI::App &app, DataCommandOptions &options);
int runDataCommand(const DataCommandOptions &options);

} // namespace gradmill::rt
