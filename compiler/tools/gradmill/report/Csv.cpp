#include "Formats.h"
#include "core/Number.h"
#include "report/Table.h"
#include <map>
#include <set>

namespace gradmill::cli {

std::string runsCsv(const std::vector<rt::LoggedRun> &runs) {
  std::set<std::string> names = rt::namesIn(runs);
  std::vector<std::string> columns = {"step", "seconds", "learning_rate", "loss"};
  for (const std::string &first : columns)
    names.erase(first);
  columns.insert(columns.end(), names.begin(), names.end());
  std::string text = runs.size() > 1 ? "run,epoch" : "epoch";
  for (const std::string &name : columns)
    text += "," + rt::csvField(name);
  text += "\r\n";
  for (const rt::LoggedRun &run : runs) {
    std::map<double, std::map<std::string, double>> rows;
    for (const auto &[name, points] : run.epochs)
      for (auto [epoch, value] : points)
        rows[epoch][name] = value;
    for (auto &[epoch, values] : rows) {
      text += runs.size() > 1 ? rt::csvField(run.name) + "," : "";
      text += rt::exactText(epoch);
      for (const std::string &name : columns) {
        auto found = values.find(name);
        text += "," + (found == values.end() ? "" : rt::exactText(found->second));
      }
      text += "\r\n";
    }
  }
  return text;
}

} // namespace gradmill::cli
