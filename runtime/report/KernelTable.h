// The kernels of an entry as a table: their work, and their speed.
#pragma once

#include "core/Manifest.h"
#include "report/FmaPeak.h"

#include <string>
#include <vector>

namespace gradmill::rt {

// For each kernel the first of those that it shares a loop with, itself if
// none.
std::vector<size_t> firstOfLoop(const EntrySpec &entry);

// Medians over many steps, or the least.
struct KernelTime {
  double seconds = 0; // all calls of the kernel
  double serial = 0;  // of these, the ones with one task
};

struct StepTimes {
  // As EntrySpec::kernels. With clocks in the code, the kernels of a loop have
  // times of their own. Otherwise the first kernel has the times of the loop.
  std::vector<KernelTime> kernels;
  bool apart = false;
  double between = 0; // outside of all kernels
  double step = 0;
  int64_t steps = 0;
  int threads = 1;
  bool best = false; // the least times
  FmaPeak peak;
};

// A table at most 120 columns wide, then the kernels that could be faster, and
// why. Without `times`, what is known before a run.
std::string kernelTable(const EntrySpec &entry, const StepTimes *times,
                        bool byTime);

// The same as one JSON object.
std::string kernelJson(const EntrySpec &entry, const StepTimes *times);

} // namespace gradmill::rt
