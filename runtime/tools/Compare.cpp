#include "tools/Compare.h"

#include "core/Json.h"
#include "core/Nearest.h"
#include "core/Number.h"
#include "files/CommandFiles.h"
#include "files/Input.h"
#include "files/Output.h"
#include "files/Paths.h"
#include "report/Plot.h"
#include "report/Table.h"
#include "report/Terminal.h"
#include "tools/CommandLine.h"
#include "tools/OptionParser.h"

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

constexpr uint64_t kMostBytes = uint64_t(1) << 30; // of a log

struct Run {
  std::string name; // "a.jsonl", "a.jsonl#2"
  Json start;       // its first line, or null
  // Of whole epochs, by name: a number for each epoch that has it.
  std::map<std::string, std::vector<std::pair<double, double>>> numbers;
  double lastEpoch = 0;
};

void addEpoch(Run &run, const Json &record) {
  const Json *epoch = record.find("epoch");
  double number = epoch ? epoch->get<double>() : 0;
  for (const auto &[name, value] : record.items())
    if (value.is_number() && name != "epoch" && name != "step")
      run.numbers[name].push_back({number, value.get<double>()});
  run.lastEpoch = number;
}

// A resumed run continues in its file. A new one begins with a line of its own,
// or with an earlier epoch.
Result<std::vector<Run>> readLog(const std::string &path) {
  auto bytes = readFile(path, kMostBytes);
  if (!bytes)
    return bytes.error();
  std::vector<Run> runs;
  std::string_view text(reinterpret_cast<const char *>(bytes->data()),
                        bytes->size());
  int64_t line = 0;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    Json record = parseJson(text.substr(at, end - at));
    at = end + 1, ++line;
    if (record.is_discarded() && end == text.size())
      break; // cut off by the run's end
    const Json *type = record.find("type");
    if (!record.is_object() || !type || !type->is_string())
      return fileError(kBadInput, "bad_log", path + ":" + std::to_string(line),
                       "is no line of a log of training",
                       "name a file that --metrics has written");
    std::string what = type->get<std::string>();
    const Json *resumed = record.find("resumed_at");
    if (what == "run" && !(resumed && !runs.empty())) {
      runs.push_back({});
      runs.back().start = std::move(record);
    } else if (what == "epoch") {
      const Json *epoch = record.find("epoch");
      if (runs.empty() || (epoch && epoch->get<double>() <= runs.back().lastEpoch))
        runs.push_back({});
      addEpoch(runs.back(), record);
    }
  }
  std::erase_if(runs, [](const Run &run) { return run.numbers.empty(); });
  if (runs.empty())
    return fileError(kBadInput, "bad_log", path, "there is no whole epoch in it",
                     "compare runs of an epoch at least");
  for (size_t i = 0; i < runs.size(); ++i)
    runs[i].name =
        path + (runs.size() > 1 ? "#" + std::to_string(i + 1) : "");
  return runs;
}

std::set<std::string> namesIn(const std::vector<Run> &runs) {
  std::set<std::string> names;
  for (const Run &run : runs)
    for (const auto &[name, points] : run.numbers)
      names.insert(name);
  return names;
}

// The number that people look at first.
std::string chosen(const std::vector<Run> &runs) {
  std::set<std::string> names = namesIn(runs);
  for (const char *part : {"val_", "test_"})
    for (const std::string &name : names)
      if (name.starts_with(part) && !name.ends_with("loss"))
        return name;
  for (const char *name : {"val_loss", "test_loss"})
    if (names.count(name))
      return name;
  return "loss";
}

// For losses and errors less is better.
bool moreIsBetter(const std::string &name) {
  return name.ends_with("accuracy");
}

struct Row {
  std::string name;
  double epochs, last, best, bestEpoch;
};

Row rowOf(const Run &run, const std::string &what) {
  const auto &points = run.numbers.at(what);
  auto best = std::max_element(
      points.begin(), points.end(), [&](const auto &a, const auto &b) {
        return moreIsBetter(what) ? a.second < b.second : a.second > b.second;
      });
  return {run.name, run.lastEpoch, points.back().second, best->second,
          best->first};
}

std::string valueText(const std::string &what, double value) {
  if (moreIsBetter(what))
    return fixedText(100 * value, 2) + "%";
  char text[32];
  std::snprintf(text, sizeof text, "%.5g", value);
  return text;
}

// Options and facts in which the runs differ, a column for each.
std::vector<std::string> differences(const std::vector<Run> &runs,
                                     std::vector<TableRow> &rows) {
  auto factsOf = [](const Run &run) {
    std::map<std::string, std::string> facts;
    for (const auto &[name, value] : run.start.items())
      if (!value.is_object() && name != "type" && name != "resumed_at")
        facts[name] = value.is_string() ? value.get<std::string>() : jsonText(value);
    if (const Json *options = run.start.find("options"))
      for (const auto &[name, value] : options->items())
        facts[name] = value.is_string() ? value.get<std::string>() : jsonText(value);
    return facts;
  };
  std::vector<std::map<std::string, std::string>> all;
  std::set<std::string> names;
  for (const Run &run : runs) {
    all.push_back(factsOf(run));
    for (const auto &[name, value] : all.back())
      names.insert(name);
  }
  std::vector<std::string> differ;
  for (const std::string &name : names)
    if (std::any_of(all.begin(), all.end(),
                    [&](auto &facts) { return facts[name] != all[0][name]; })) {
      differ.push_back(name);
      for (size_t i = 0; i < all.size(); ++i)
        rows[i + 1].push_back(all[i][name].empty() ? "-"
                                                   : printable(all[i][name]));
    }
  return differ;
}

void print(const std::vector<Run> &runs, const std::string &what,
           const std::vector<Curve> &curves) {
  std::vector<TableRow> rows = {
      {"run", "epochs", "last " + what, "best", "in epoch"}};
  for (const Run &run : runs) {
    Row row = rowOf(run, what);
    rows.push_back({printable(row.name), fixedText(row.epochs, 0),
                    valueText(what, row.last), valueText(what, row.best),
                    fixedText(row.bestEpoch, 0)});
  }
  std::vector<std::string> differ = differences(runs, rows);
  rows[0].insert(rows[0].end(), differ.begin(), differ.end());
  Terminal terminal = Terminal::of(STDOUT_FILENO);
  PlotOptions plot;
  plot.xLabel = "epoch", plot.yLabel = what;
  plot.width = std::min(terminal.width - 1, 100);
  plot.unicode = terminal.unicode;
  std::printf("%s\n%s", tableText(rows).c_str(), plotText(curves, plot).c_str());
}

Json jsonOf(const std::vector<Run> &runs, const std::string &what) {
  Json list = Json::array();
  for (const Run &run : runs) {
    Row row = rowOf(run, what);
    Json values = Json::array();
    for (auto [epoch, value] : run.numbers.at(what))
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

Result<std::vector<Run>> readAll(const CompareOptions &options) {
  std::vector<Run> all;
  for (const std::string &path : options.logs) {
    auto runs = readLog(path);
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
  std::string what = options.what.empty() ? chosen(*runs) : options.what;
  std::vector<Curve> curves;
  for (const Run &run : *runs) {
    if (!run.numbers.count(what))
      return reportError(unknownName(what, run.name, namesIn(*runs)));
    curves.push_back({printable(run.name), run.numbers.at(what)});
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
