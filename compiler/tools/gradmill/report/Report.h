// `gradmill report`, and what `gradmill train` records.
#pragma once
#include "../Backend.h"
#include "train/Trainer.h"

namespace gradmill::cli {

/// Files that `train` leaves, or "".
struct RecordOptions {
  std::string report, csv, tensorboard; // a page, a table, a folder
  /// Nobody has named or forbidden a page: it lies beside the checkpoint.
  bool reportByDefault = false;
};

/// Records a run of the model that was compiled from `graph`.
std::unique_ptr<rt::RunRecorder> makeRecorder(RecordOptions options,
                                              GraphOptions graph);
/// The object "about" of a run's first line (Collect.h).
std::string aboutRun(const std::vector<std::string> &command,
                     const GraphOptions &graph);

struct ReportCommand {
  std::vector<std::string> logs;
  std::string output, csv, tensorboard;
  GraphOptions graph; // its graph is empty: the one that the log names
  std::string weights, data, map, dataCache; // empty: as the log says
  bool download = true;
  bool measure = false; // times kernels
  int64_t pictures = 24;
  int threads = 0;
};

rt::Status makeReport(const ReportCommand &command);

} // namespace gradmill::cli
