// Logs of training (--metrics), read run by run: what `compare` and `report`
// show.
#pragma once

#include "core/Error.h"
#include "core/Json.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gradmill::rt {

struct LoggedRun {
  using Points = std::vector<std::pair<double, double>>;

  std::string name; // "a.jsonl", "a.jsonl#2"
  Json start, end;  // its first and its last line, or null
  // By name: {epoch, value} of each whole epoch that has it, and {step, value} of
  // the steps that were logged. Finite numbers alone.
  std::map<std::string, Points> epochs, steps;
  // What was no finite number in an epoch, by name: the epochs.
  std::map<std::string, std::vector<double>> lost;
  double lastEpoch = 0;
  std::vector<double> resumedAt; // steps

  // Takes a record of the run's log; one of another type is left out. An epoch
  // that is there takes the place of its earlier record.
  void add(const Json &record);
  // Leaves out what lies behind a step, from which a run goes on.
  void forget(double step);
  // The last number of that name, or null.
  const double *last(const std::string &name) const;
};

// The runs of a log: a resumed one continues, another begins with a line of its
// own or with an earlier epoch. A last line that was cut off is left out. Errors:
// those of readFile, bad_log.
Result<std::vector<LoggedRun>> readRunLog(const std::string &path);

// The same, runs without a whole epoch left out. Error: bad_log if there is none.
Result<std::vector<LoggedRun>> readWholeEpochs(const std::string &path);

// Of epochs: of one run, of all.
std::set<std::string> namesIn(const LoggedRun &run);
std::set<std::string> namesIn(const std::vector<LoggedRun> &runs);
// The number of these that people look at first: "val_accuracy", "test_loss",
// "loss".
std::string chosenNumber(const std::set<std::string> &names);
// For losses and errors less is better.
bool moreIsBetter(const std::string &name);
// "98.10%" of an accuracy, else five digits.
std::string valueText(const std::string &name, double value);
// The best point of an epoch's number; of equals the first. requires: a point.
std::pair<double, double> bestOf(const std::string &name,
                                 const LoggedRun::Points &points);
// Options and facts of a run's first line, by name.
std::map<std::string, std::string> factsOf(const LoggedRun &run);
// Those in which the runs differ.
std::vector<std::string> differingFacts(const std::vector<LoggedRun> &runs);

} // namespace gradmill::rt
