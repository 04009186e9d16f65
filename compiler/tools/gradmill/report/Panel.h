// The last words of a run to a person: what was reached, where it is, what to do
// next.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace gradmill::rt {
struct Terminal;
}

namespace gradmill::cli {

struct Panel {
  std::string title; // "mnist, finished"
  std::vector<std::pair<std::string, std::string>> facts; // name, text
  std::vector<double> losses;                             // of the run, or none
  std::vector<std::pair<std::string, std::string>> files; // what, where
  std::vector<std::pair<std::string, std::string>> next;  // why, a command
};

/// For a terminal: as wide as it, in its colours. Commands are never broken, so
/// that they can be copied.
std::string panelText(const Panel &panel, const rt::Terminal &terminal);
/// For a pipe: a line for each file ("report: run.html") and command ("next: ..."),
/// without colours and bars.
std::string panelLines(const Panel &panel);

} // namespace gradmill::cli
