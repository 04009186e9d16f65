// Curves of one run, or of several side by side; the numbers as tables.
#include "../Html.h"
#include "Chart.h"
#include "Sections.h"
#include "core/Number.h"
#include "report/Terminal.h"
#include "llvm/ADT/StringRef.h"
#include <cmath>
#include <set>

using llvm::StringRef;

namespace gradmill::cli {
namespace {

using rt::LoggedRun;
constexpr double kLargest = 1e30, kLeast = 1e-30; // that a curve is drawn for

// Which numbers belong onto one picture: "loss" of "val_loss", and what that part
// is called.
std::pair<std::string, std::string> familyOf(StringRef name) {
  for (auto [prefix, part] : {std::pair("train_", "training"), {"val_", "validation"},
                              {"test_", "test"}})
    if (name.consume_front(prefix))
      return {name.str(), part};
  return {name.str(), "training"};
}

LoggedRun::Points drawable(const LoggedRun::Points &points) {
  LoggedRun::Points kept;
  for (auto [x, y] : points)
    if (std::fabs(x) < kLargest && std::fabs(y) < kLargest)
      kept.push_back({x, std::fabs(y) < kLeast ? 0 : y});
  return kept;
}

// Steps on the axis of epochs, as long as an epoch's number of steps is known.
double epochsPerStep(const LoggedRun &run) {
  auto found = run.epochs.find("step");
  if (found == run.epochs.end() || found->second.empty())
    return 0;
  auto [epoch, step] = found->second.back();
  return step > 0 && epoch > 0 ? epoch / step : 0;
}

LoggedRun::Points stepsOf(const LoggedRun &run, const std::string &name) {
  auto found = run.steps.find(name);
  if (found == run.steps.end())
    return {};
  double scale = epochsPerStep(run);
  LoggedRun::Points points = drawable(found->second);
  for (auto &point : points)
    point.first *= scale > 0 ? scale : 1;
  return points;
}

std::string wordsOf(std::string name) {
  for (char &c : name)
    c = c == '_' ? ' ' : c;
  return name;
}

std::string titleOf(const std::string &family) {
  std::string title = wordsOf(family);
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
    title[0] = char(title[0] - 'a' + 'A');
  return title;
}

Chart chartOf(const std::string &family, size_t index, bool epochs) {
  return {"chart" + std::to_string(index), titleOf(family),
          epochs ? "epoch" : "step", family, {}};
}

// Loss and rate come with each step, the others with each epoch.
std::string curvesOf(const LoggedRun &run) {
  std::vector<std::string> order = {"loss", "accuracy"};
  std::set<std::string> known(order.begin(), order.end());
  for (const auto &[name, points] : run.epochs) {
    std::string family = familyOf(name).first;
    if (name != "seconds" && name != "step" && name != "learning_rate" &&
        name != "samples_per_second" && known.insert(family).second)
      order.push_back(family);
  }
  for (const char *ofSteps : {"learning_rate", "samples_per_second"})
    order.push_back(ofSteps);
  std::string text;
  bool epochs = epochsPerStep(run) > 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const std::string &family = order[i];
    Chart chart = chartOf(family, i, epochs);
    if (family == "learning_rate" || family == "samples_per_second") {
      chart.lines.push_back({"each step", stepsOf(run, family)});
      if (chart.lines[0].points.empty())
        if (auto found = run.epochs.find(family); found != run.epochs.end())
          chart.lines = {{"at the end of the epoch", drawable(found->second)}};
    } else {
      for (const char *prefix : {"", "train_", "val_", "test_"}) {
        auto found = run.epochs.find(prefix + family);
        if (found != run.epochs.end() && familyOf(found->first).first == family)
          chart.lines.push_back(
              {familyOf(found->first).second, drawable(found->second)});
      }
      if (LoggedRun::Points steps = stepsOf(run, family); !steps.empty())
        chart.lines.push_back({"single steps", std::move(steps), true});
    }
    text += chartFigure(chart);
  }
  return text;
}

std::string curvesOfAll(const std::vector<LoggedRun> &runs) {
  std::set<std::string> names = rt::namesIn(runs);
  std::vector<std::string> order = {rt::chosenNumber(names)};
  for (const char *name : {"val_loss", "test_loss", "loss", "train_accuracy"})
    if (names.count(name) && name != order[0])
      order.push_back(name);
  order.push_back("learning_rate");
  std::string text;
  for (size_t i = 0; i < order.size(); ++i) {
    Chart chart = chartOf(order[i], i, true);
    if (order[i] == "loss")
      chart.title = "Loss of training";
    for (const LoggedRun &run : runs)
      if (auto found = run.epochs.find(order[i]); found != run.epochs.end())
        chart.lines.push_back({run.name, drawable(found->second)});
    if (order[i] == "learning_rate") // of the steps, where they are logged
      for (ChartLine &line : chart.lines)
        for (const LoggedRun &run : runs)
          if (LoggedRun::Points steps = stepsOf(run, order[i]);
              run.name == line.name && epochsPerStep(run) > 0 && steps.size() > 1)
            line.points = std::move(steps);
    text += chartFigure(chart);
  }
  return text;
}

// All numbers of all epochs, for whoever does not see the curves.
std::string epochTable(const LoggedRun &run) {
  std::vector<std::string> names, heads = {"epoch"};
  for (const char *name : {"loss", "train_accuracy", "val_loss", "val_accuracy",
                           "test_loss", "test_accuracy", "learning_rate"})
    if (run.epochs.count(name))
      names.push_back(name);
  for (const auto &[name, points] : run.epochs)
    if (!llvm::is_contained(names, name) && name != "step")
      names.push_back(name);
  std::map<double, std::map<std::string, double>> cells;
  for (const std::string &name : names) {
    heads.push_back(escaped(titleOf(name)));
    for (auto [epoch, value] : run.epochs.at(name))
      cells[epoch][name] = value;
  }
  std::vector<std::vector<std::string>> rows;
  for (auto &[epoch, values] : cells) {
    rows.push_back({rt::fixedText(epoch, 0)});
    for (const std::string &name : names) {
      auto found = values.find(name);
      rows.back().push_back(
          found == values.end()  ? "–"
          : name == "seconds"    ? rt::durationText(found->second)
                                 : escaped(rt::valueText(name, found->second)));
    }
  }
  return "<details><summary>The numbers of all epochs</summary>\n" +
         htmlTable("Numbers of each epoch", heads, rows, 1) + "</details>\n";
}

std::string lostNote(const LoggedRun &run) {
  std::string text;
  for (const auto &[name, epochs] : run.lost) {
    text += (text.empty() ? "" : "; ") + escaped(titleOf(name)) + " in epoch";
    for (size_t i = 0; i < std::min<size_t>(epochs.size(), 10); ++i)
      text += (i ? ", " : " ") + rt::fixedText(epochs[i], 0);
    text += epochs.size() > 10 ? ", ..." : "";
  }
  return text.empty() ? ""
                      : "<p class=\"warn\">No finite number: " + text + ".</p>\n";
}
} // namespace

std::string curvesSection(const LoggedRun &run) {
  std::string curves = curvesOf(run), body;
  if (curves.empty())
    body = missingNote("no step is logged yet");
  else
    body = "<div class=\"grid\">\n" + curves + "</div>\n";
  body += lostNote(run);
  if (!run.epochs.empty())
    body += epochTable(run);
  return section("curves", "Curves", body);
}

std::string curvesOfRunsSection(const std::vector<LoggedRun> &runs) {
  std::string curves = curvesOfAll(runs);
  if (curves.empty())
    return section("curves", "Curves", missingNote("no run has a whole epoch"));
  return section("curves", "Curves", "<div class=\"grid\">\n" + curves + "</div>\n");
}

std::string comparisonSection(const std::vector<LoggedRun> &runs) {
  std::string what = rt::chosenNumber(rt::namesIn(runs));
  std::vector<std::string> differ = rt::differingFacts(runs);
  std::vector<std::string> heads = {"run", "epochs", "last " + escaped(wordsOf(what)),
                                    "best", "in epoch", "time"};
  for (const std::string &name : differ)
    heads.push_back(escaped(name));
  std::vector<std::vector<std::string>> rows;
  for (const LoggedRun &run : runs) {
    std::vector<std::string> row = {escaped(run.name), rt::fixedText(run.lastEpoch, 0)};
    auto found = run.epochs.find(what);
    if (found == run.epochs.end()) {
      row.insert(row.end(), {"–", "–", "–"});
    } else {
      auto [epoch, best] = rt::bestOf(what, found->second);
      row.insert(row.end(), {escaped(rt::valueText(what, found->second.back().second)),
                             escaped(rt::valueText(what, best)),
                             rt::fixedText(epoch, 0)});
    }
    const double *seconds = run.last("seconds");
    row.push_back(seconds ? rt::durationText(*seconds) : "–");
    std::map<std::string, std::string> facts = rt::factsOf(run);
    for (const std::string &name : differ)
      row.push_back(facts[name].empty() ? "–" : escaped(facts[name]));
    rows.push_back(std::move(row));
  }
  std::string note = differ.empty() && runs.size() > 1
                         ? "<p>The runs have the same options.</p>\n"
                         : "";
  return section("comparison", "Runs",
                 htmlTable("What the runs reached, and in what they differ", heads,
                           rows, 1) +
                     note);
}

} // namespace gradmill::cli
