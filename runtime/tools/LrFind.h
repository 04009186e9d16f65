// `gradmill lr-find`: a range test of the learning rate.
#pragma once

#include "core/Model.h"
#include "data/Unpack.h"
#include "files/CommandFiles.h"

#include <string>

namespace CLI {
class App;
}

namespace gradmill::rt {

struct LrFindOptions {
  std::string data = "auto", map, cacheDir;
  bool allowDownload = true;
  uint64_t maxUnpack = kMaxUnpack;
  std::string weights; // to begin with; empty: fresh ones
  double from = 1e-5, to = 10;
  int64_t steps = 100;
  uint64_t seed = 1;
  int threads = 0;
  std::string csv, svg;
  bool json = false;
  CommandFiles files; // that the command reads besides those above
};

void addLrFindOptions(CLI::App &app, LrFindOptions &options);
int runLrFind(Model &model, const LrFindOptions &options);

// One step of the test.
struct RangePoint {
  double rate = 0, loss = 0, smooth = 0; // smooth: mean of the losses so far,
                                         // the last ones counting most
};

struct RangeAdvice {
  double steepest = 0; // where the smoothed loss falls fastest, by decades
  double lowest = 0;   // where it is lowest
  double rate = 0;     // to train with; 0: the loss never fell
};

// Of points in ascending order of the rate.
RangeAdvice adviceFrom(const std::vector<RangePoint> &points);

} // namespace gradmill::rt
