// Runs for other programs: tables, and TensorBoard's files.
#pragma once
#include "core/Error.h"
#include "tools/RunLog.h"

#include <memory>
#include <string>
#include <vector>

namespace gradmill::cli {

/// A line for each epoch and a column for each number, RFC 4180; empty where an
/// epoch has no such number. Of several runs the first column names the run.
std::string runsCsv(const std::vector<rt::LoggedRun> &runs);

/// A file of scalars in a folder that TensorBoard reads. Losses and metrics are
/// called "loss/train", "accuracy/test"; steps "step/loss". The axis is the step.
class TensorboardFile {
public:
  /// Errors: directory_unwritable, write_failed.
  static rt::Result<std::unique_ptr<TensorboardFile>>
  create(const std::string &folder);
  ~TensorboardFile();
  TensorboardFile(const TensorboardFile &) = delete;

  struct Scalar {
    std::string tag;
    double value;
  };
  /// `time` in seconds since 1970. The first error is kept for status().
  void add(double time, int64_t step, const std::vector<Scalar> &scalars);
  /// A record of a log; others than steps and epochs are left out.
  void addRecord(double time, const rt::Json &record);
  rt::Status finish();

private:
  TensorboardFile() = default;
  void write(const std::string &event);

  std::FILE *file = nullptr;
  std::string path;
  rt::Status error;
};

} // namespace gradmill::cli
