// A graph, and how it is compiled and run: everything that a check depends on.
#pragma once
#include "compiler/driver/Compile.h"
#include <string>

namespace gradmill::fuzz {

struct Case {
  std::string graph; // MLIR text
  int64_t batch = 16;
  bool train = true, single = false; // also inference of one image
  std::string loss = "cross_entropy", metrics, optimizer = "sgd", groups,
              transforms;
  int64_t accumulate = 0; // batches to an update; 0: one, in one program
  int64_t emaPercent = 0; // decay of the model's average; 0: there is none

  std::string cpu = "native", machine; // as in CompileOptions
  int64_t vectorBytes = 0;
  bool fuse = true, mergeTasks = true, rematerialize = true, exactConv = false;
  int64_t memoryPercent = 0; // of what it needs without a limit; 0: no limit

  bool interpret = true; // otherwise a second schedule is the judge
  uint64_t data = 1;     // the seed of the inputs

  /// As options of gradmill-fuzz; defaults are left out.
  std::string commandLine() const;
  /// The reverse; false if the option is unknown.
  bool parse(llvm::StringRef option);

  CompileOptions compileOptions() const;
  /// A different schedule for the same results.
  Case otherSchedule() const;
};

/// The targets of this architecture whose code runs here.
std::vector<std::string> runnableCpus(const Registry &registry);

} // namespace gradmill::fuzz
