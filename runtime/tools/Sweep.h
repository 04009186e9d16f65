// `gradmill sweep`, and `gradmill train --seeds`: the same training with several
// values of options and several seeds, each in a process of its own.
#pragma once

#include "core/Error.h"
#include "tools/CommandLine.h"

#include <string>
#include <utility>
#include <vector>

namespace gradmill::rt {

// An option and the values that it takes in turn.
struct SweptOption {
  std::string name; // "lr", "set dropout", "seed"
  // What stands on the command line for each.
  std::vector<Arguments> arguments;
  std::vector<std::string> values;
};

struct SweepPlan {
  Arguments common; // of every run: the graph and what does not vary
  std::vector<SweptOption> swept; // seeds last
  std::string log;                // JSON lines
  std::string what;               // "val_accuracy"; empty: chosen
  bool json = false;
};

// From a command line: lists after `--lr` and other numbers, after
// `--set NAME=`, `--vary NAME=A|B` for any option, `--seeds 3`, `1..5` or `1,4`.
// Error: usage.
Result<SweepPlan> planSweep(const Arguments &arguments);

// All combinations; the first option varies slowest.
struct SweepRun {
  Arguments arguments;
  std::vector<std::string> values; // of each swept option
};
std::vector<SweepRun> runsOf(const SweepPlan &plan);

// `program` is what runs `train`: this one. `build` changes with its code.
int runSweep(const Arguments &arguments, const std::string &program,
             const std::string &build);

} // namespace gradmill::rt
