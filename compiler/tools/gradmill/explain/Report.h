// What `explain` shows: pictures in a folder, lines for people, JSON.
#pragma once
#include "Sheet.h"
#include "Subject.h"
#include "core/Json.h"

namespace gradmill::cli {

class Report {
public:
  Report(Subject &subject, const ExplainCommand &command)
      : subject(subject), command(command) {}

  /// A sample's picture, its map, and what the net says. A map that is 0
  /// everywhere gives a note.
  rt::Result<Cell> explain(const Sample &sample, const Verdict &verdict);
  /// The channels of the layer of --activations.
  rt::Status activations(const Sample &sample, const std::string &file);
  /// The filters of --filters: in colour where they read three channels, else a
  /// picture for each of at most eight channels.
  rt::Status filters();
  /// Samples class by class, and whether the likelihoods hold.
  rt::Status likelihoods(const std::vector<Verdict> &verdicts);

  rt::Status sheet(std::vector<Cell> cells, const std::string &file);
  /// Of one sample, larger.
  rt::Status single(Cell cell, const std::string &file);

  /// All numbers, with --json.
  std::string json();

private:
  rt::Status save(const Canvas &canvas, const std::string &file);
  rt::Status saveWith(const std::string &file,
                      llvm::function_ref<rt::Status(const std::string &)> write);
  void add(const Sample &sample, const Verdict &verdict, int64_t ofClass,
           const PixelMap &map);

  Subject &subject;
  const ExplainCommand &command;
  rt::Json numbers = rt::Json::object(), samples = rt::Json::array(),
           files = rt::Json::array();
};

} // namespace gradmill::cli
