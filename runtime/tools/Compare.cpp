#include "tools/Compare.h"

#include "core/Nearest.h"
#include "core/Number.h"
#include "files/CommandFiles.h"
#include "files/Output.h"
#include "report/Plot.h"
#include "report/Table.h"
#include "report/Terminal.h"
#include "tools/CommandLine.h"
#include "tools/OptionParser.h"
#include "tools/RunLog.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <unistd.h>

namespace gradmill::rt {

void addCompareOptions(CLI::App &app, CompareOptions &o) {
  app.add_option("LOG", o.logs, "Files of --metrics")->required();
  app.add_option("--what", o.what,
                 "What is drawn: loss, val_accuracy, learning_rate, ...")
      ->take_last()
      ->type_name("NAME");
  app.add_option("--svg", o.svg, "Draw the curves here")
      ->take_last()
      ->type_name("FILE");
  app.add_flag("--json", o.json, "Print JSON");
}

namespace {

struct Row {
  std::string name;
  double epochs, last, best, bestEpoch;
};

Row rowOf(const LoggedRun &run, const std::string &what) {
  const auto &points = run.epochs.at(what);
  auto [epoch, best] = bestOf(what, points);
  return {run.name, run.lastEpoch, points.back().second, best, epoch};
}

// Options and facts in which the runs differ, a column for each.
std::vector<std::string> addDifferences(const std::vector<LoggedRun> &runs,
                                        std::vector<TableRow> &rows) {
  std::vector<std::string> differ = differingFacts(runs);
  for (size_t i = 0; i < runs.size(); ++i) {
    std::map<std::string, std::string> facts = factsOf(runs[i]);
    for (const std::string &name : differ)
      rows[i + 1].push_back(facts[name].empty() ? "-" : printable(facts[name]));
  }
  return differ;
}

void print(const std::vector<LoggedRun> &runs, const std::string &what,
           const std::vector<Curve> &curves) {
  std::vector<TableRow> rows = {
      {"run", "epochs", "last " + what, "best", "in epoch"}};
  for (const LoggedRun &run : runs) {
    Row row = rowOf(run, what);
    rows.push_back({printable(row.name), fixedText(row.epochs, 0),
                    valueText(what, row.last), valueText(what, row.best),
                    fixedText(row.bestEpoch, 0)});
  }
  std::vector<std::string> differ = addDifferences(runs, rows);
  rows[0].insert(rows[0].end(), differ.begin(), differ.end());
  Terminal terminal = Terminal::of(STDOUT_FILENO);
  PlotOptions plot;
  plot.xLabel = "epoch", plot.yLabel = what;
  plot.width = std::min(terminal.width - 1, 100);
  plot.unicode = terminal.unicode;
  std::printf("%s\n%s", tableText(rows).c_str(), plotText(curves, plot).c_str());
}

Json jsonOf(const std::vector<LoggedRun> &runs, const std::string &what) {
  Json list = Json::array();
  for (const LoggedRun &run : runs) {
    Row row = rowOf(run, what);
    Json values = Json::array();
    for (auto [epoch, value] : run.epochs.at(what))
      values.push_back(Json(value));
    list.push_back(Json::object({{"run", row.name},
                                 {"epochs", int64_t(row.epochs)},
                                 {"last", row.last},
                                 {"best", row.best},
                                 {"best_epoch", int64_t(row.bestEpoch)},
                                 {"values", std::move(values)}}));
  }
  return Json::object({{"what", what}, {"runs", std::move(list)}});
}

Error unknownName(const std::string &what, const std::string &run,
                  const std::set<std::string> &names) {
  std::string hint = nearest(what, {names.begin(), names.end()}), list;
  for (const std::string &name : names)
    list += (list.empty() ? "" : ", ") + name;
  return Error{kUsage, "unknown_metric",
               "--what " + what + ": " + run + " has no such numbers; " +
                   (hint.empty() || hint == what ? "" : "did you mean " + hint + "? ") +
                   "there are: " + list};
}

Result<std::vector<LoggedRun>> readAll(const CompareOptions &options) {
  std::vector<LoggedRun> all;
  for (const std::string &path : options.logs) {
    auto runs = readWholeEpochs(path);
    if (!runs)
      return runs.error();
    std::move(runs->begin(), runs->end(), std::back_inserter(all));
  }
  return all;
}

} // namespace

int runCompare(const CompareOptions &options) {
  auto runs = readAll(options);
  if (!runs)
    return reportError(runs.error());
  std::string what = options.what.empty() ? chosenNumber(namesIn(*runs)) : options.what;
  std::vector<Curve> curves;
  for (const LoggedRun &run : *runs) {
    if (!run.epochs.count(what))
      return reportError(unknownName(what, run.name, namesIn(*runs)));
    curves.push_back({printable(run.name), run.epochs.at(what)});
  }
  if (!options.svg.empty()) {
    CommandFiles files;
    for (const std::string &log : options.logs)
      files.reads(log, log);
    files.writes("--svg", options.svg);
    if (Status error = files.check())
      return reportError(*error);
    PlotOptions plot;
    plot.xLabel = "epoch", plot.yLabel = what;
    if (Status error = writeFile(options.svg, {plotSvg(curves, plot)}))
      return reportError(*error);
  }
  if (options.json)
    std::printf("%s\n", jsonText(jsonOf(*runs, what), 2).c_str());
  else
    print(*runs, what, curves);
  return finishOutput(kOk);
}

} // namespace gradmill::rt
