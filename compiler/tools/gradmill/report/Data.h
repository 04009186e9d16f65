// What a report shows, as plain data: no MLIR type and no model, so that pages are
// made of it without the compiler.
#pragma once
#include "../explain/Calibration.h"
#include "../summary/Summary.h"
#include "tools/RunLog.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gradmill::cli {

/// What `advise` says (nn/Advice.h), in words.
struct Finding {
  std::string rule, place, layer; // "net.net:12:5"; "" where it has none
  std::string reason, fix;
};

/// A sample that is not taken for what it is, with its picture and the map of the
/// class that it is taken for.
struct WrongSample {
  Verdict verdict;
  std::string picture, map; // PNG files
  int64_t height = 0, width = 0;
};

/// What a net makes of the test samples.
struct Answers {
  int64_t classes = 0;
  std::vector<std::string> names; // of the classes
  std::vector<int64_t> counts;    // [label, guess]
  std::vector<ClassRow> rows;
  Calibration calibration;
  int64_t mistakes = 0;
  std::vector<WrongSample> wrong; // the surest of them
  std::string maps;               // "Grad-CAM map at conv3"; "" without maps
  std::string noMaps;             // why there are none

  int64_t count(int64_t label, int64_t guess) const {
    return counts[size_t(label * classes + guess)];
  }
};

struct KernelRow {
  std::string name, at, schedule;
  double seconds = 0, share = 0; // of a step
  double gflops = 0, peak = 0;   // share of the machine's; 0: no multiply-adds
};

/// The kernels of a step, timed apart from the run.
struct Speed {
  std::string entry, isa;
  int64_t batch = 0;
  int threads = 0;
  double step = 0, between = 0; // seconds
  double peakGflops = 0;
  double ofBound = 0; // the time of the multiply-adds at the peak, of a step's
  std::vector<KernelRow> kernels;
};

/// Whether a part of the report is there, and why not.
template <typename T> struct Part {
  std::optional<T> value;
  std::string missing; // "the checkpoint is gone"; "" if nobody asked
};

/// A section that the registry has: its page's id and title, and its HTML.
struct OwnSection {
  std::string name, title;
  std::function<std::string(const rt::LoggedRun &)> body;
};

struct ReportData {
  std::vector<rt::LoggedRun> runs; // the last one is described, if it is one
  bool comparison = false;         // of several runs: none is described
  std::string title;
  Part<Summary> graph;
  Part<std::vector<Finding>> advice;
  Part<Answers> answers;
  Part<Speed> speed;
  std::vector<OwnSection> own; // of plugins
  /// While a run is going: when this was written, in seconds since 1970, and after
  /// how many seconds without news a reader should not believe it any more. 0: over.
  double liveAt = 0, patience = 600;
};

/// A whole page that needs no other file.
std::string reportPage(const ReportData &data);

} // namespace gradmill::cli
