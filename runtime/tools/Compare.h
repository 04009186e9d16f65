// `gradmill compare`: logs of runs (--metrics) side by side.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gradmill::rt {

struct CompareOptions {
  std::vector<std::string> logs;
  std::string what; // "val_accuracy"; empty: chosen
  std::string svg;
  bool json = false;
};

void addCompareOptions(CLI::App &app, CompareOptions &options);
int runCompare(const CompareOptions &options);

} // namespace gradmill::rt
