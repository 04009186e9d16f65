#include "tools/RunLog.h"

#include "core/Number.h"
#include "files/Input.h"
#include "files/Paths.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gradmill::rt {
namespace {

constexpr uint64_t kMostBytes = uint64_t(1) << 30; // of a log

double numberOf(const Json &record, const char *name, double otherwise = 0) {
  const Json *found = record.find(name);
  return found && found->is_number() ? found->get<double>() : otherwise;
}

std::string typeOf(const Json &record) {
  const Json *type = record.find("type");
  return type && type->is_string() ? type->get<std::string>() : "";
}

// One point for a place: what was there goes, and what lies behind it, because a
// run that was resumed does those steps again.
void put(LoggedRun::Points &points, double at, double value) {
  while (!points.empty() && points.back().first >= at)
    points.pop_back();
  points.push_back({at, value});
}

void addNumbers(LoggedRun &run, const Json &record, double at, bool epoch) {
  for (const auto &[name, value] : record.items()) {
    if (name == "epoch" || name == "type" || (!epoch && name == "step"))
      continue;
    double number = value.is_number() ? value.get<double>() : NAN;
    if (std::isfinite(number))
      put(epoch ? run.epochs[name] : run.steps[name], at, number);
    else if (epoch && (value.is_null() || value.is_number()))
      run.lost[name].push_back(at);
  }
}

} // namespace

void LoggedRun::add(const Json &record) {
  std::string type = typeOf(record);
  if (type == "step") {
    addNumbers(*this, record, numberOf(record, "step"), false);
  } else if (type == "epoch") {
    lastEpoch = numberOf(record, "epoch", lastEpoch + 1);
    addNumbers(*this, record, lastEpoch, true);
  }
}

void LoggedRun::forget(double step) {
  auto cut = [](Points &points, double most) {
    std::erase_if(points, [&](const auto &point) { return point.first > most; });
  };
  double epoch = 0; // the last one that was over
  for (auto [number, at] : epochs["step"])
    if (at <= step)
      epoch = std::max(epoch, number);
  for (auto &[name, points] : steps)
    cut(points, step);
  for (auto &[name, points] : epochs)
    cut(points, epoch);
  for (auto *all : {&steps, &epochs})
    std::erase_if(*all, [](const auto &entry) { return entry.second.empty(); });
  lastEpoch = epoch;
}

const double *LoggedRun::last(const std::string &name) const {
  auto found = epochs.find(name);
  return found == epochs.end() || found->second.empty()
             ? nullptr
             : &found->second.back().second;
}

Result<std::vector<LoggedRun>> readRunLog(const std::string &path) {
  auto bytes = readFile(path, kMostBytes);
  if (!bytes)
    return bytes.error();
  std::vector<LoggedRun> runs;
  std::string_view text(reinterpret_cast<const char *>(bytes->data()),
                        bytes->size());
  int64_t line = 0;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    Json record = parseJson(text.substr(at, end - at));
    at = end + 1, ++line;
    if (record.is_discarded() && end == text.size())
      break; // cut off by the run's end
    std::string type = typeOf(record);
    if (type.empty())
      return fileError(kBadInput, "bad_log", path + ":" + std::to_string(line),
                       "is no line of a log of training",
                       "name a file that --metrics has written");
    const Json *resumed = record.find("resumed_at");
    if (type == "run") {
      if (!resumed || runs.empty())
        runs.push_back({});
      if (resumed) {
        runs.back().resumedAt.push_back(numberOf(record, "resumed_at"));
        runs.back().end = Json();
      }
      runs.back().start = std::move(record);
      continue;
    }
    // Logs of older versions, and parts of logs, begin without a line for a run.
    bool again = type == "epoch" && !runs.empty() &&
                 numberOf(record, "epoch", INFINITY) <= runs.back().lastEpoch &&
                 runs.back().resumedAt.empty();
    if (runs.empty() || again)
      runs.push_back({});
    if (type == "end")
      runs.back().end = std::move(record);
    else
      runs.back().add(record);
  }
  for (size_t i = 0; i < runs.size(); ++i)
    runs[i].name =
        path + (runs.size() > 1 ? "#" + std::to_string(i + 1) : "");
  return runs;
}

Result<std::vector<LoggedRun>> readWholeEpochs(const std::string &path) {
  auto runs = readRunLog(path);
  if (!runs)
    return runs.error();
  std::erase_if(*runs, [](const LoggedRun &run) { return run.epochs.empty(); });
  if (runs->empty())
    return fileError(kBadInput, "bad_log", path, "there is no whole epoch in it",
                     "compare runs of an epoch at least");
  for (size_t i = 0; i < runs->size(); ++i)
    (*runs)[i].name =
        path + (runs->size() > 1 ? "#" + std::to_string(i + 1) : "");
  return runs;
}

std::set<std::string> namesIn(const LoggedRun &run) {
  std::set<std::string> names;
  for (const auto &[name, points] : run.epochs)
    names.insert(name);
  names.erase("step");
  return names;
}

std::set<std::string> namesIn(const std::vector<LoggedRun> &runs) {
  std::set<std::string> names;
  for (const LoggedRun &run : runs)
    names.merge(namesIn(run));
  return names;
}

std::string chosenNumber(const std::set<std::string> &names) {
  for (const char *part : {"val_", "test_"})
    for (const std::string &name : names)
      if (name.starts_with(part) && !name.ends_with("loss"))
        return name;
  for (const char *name : {"val_loss", "test_loss"})
    if (names.count(name))
      return name;
  return "loss";
}

bool moreIsBetter(const std::string &name) {
  return name.ends_with("accuracy");
}

std::string valueText(const std::string &name, double value) {
  if (moreIsBetter(name))
    return fixedText(100 * value, 2) + "%";
  char text[32];
  bool large = std::fabs(value) >= 1e5 && std::fabs(value) < 1e15; // not 1.2888e+05
  std::snprintf(text, sizeof text, large ? "%.0f" : "%.5g", value);
  return text;
}

std::pair<double, double> bestOf(const std::string &name,
                                 const LoggedRun::Points &points) {
  return *std::max_element(
      points.begin(), points.end(), [&](const auto &a, const auto &b) {
        return moreIsBetter(name) ? a.second < b.second : a.second > b.second;
      });
}

std::map<std::string, std::string> factsOf(const LoggedRun &run) {
  std::map<std::string, std::string> facts;
  auto add = [&](const Json &from) {
    for (const auto &[name, value] : from.items())
      if (!value.is_object() && name != "type" && name != "resumed_at")
        facts[name] =
            value.is_string() ? value.get<std::string>() : jsonText(value);
  };
  add(run.start);
  if (const Json *options = run.start.find("options"))
    add(*options);
  return facts;
}

std::vector<std::string> differingFacts(const std::vector<LoggedRun> &runs) {
  std::vector<std::map<std::string, std::string>> all;
  std::set<std::string> names;
  for (const LoggedRun &run : runs) {
    all.push_back(factsOf(run));
    for (const auto &[name, value] : all.back())
      names.insert(name);
  }
  std::vector<std::string> differ;
  for (const std::string &name : names)
    if (std::any_of(all.begin(), all.end(),
                    [&](auto &facts) { return facts[name] != all[0][name]; }))
      differ.push_back(name);
  return differ;
}

} // namespace gradmill::rt
