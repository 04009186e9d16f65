#include "Panel.h"
#include "report/Progress.h"
#include "report/Terminal.h"
#include "llvm/ADT/StringRef.h"
#include <algorithm>

namespace gradmill::cli {
namespace {

std::string repeated(const char *sign, int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += sign;
  return text;
}

// Breaks a text at its commas and spaces; later lines are set in as the first is.
std::string wrapped(const std::string &text, int width, int indent) {
  std::string out, line;
  for (llvm::StringRef rest = text; !rest.empty();) {
    auto [word, next] = rest.split(' ');
    if (!line.empty() && int(line.size() + 1 + word.size()) > width) {
      out += line + "\n" + std::string(size_t(indent), ' ');
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word.str();
    rest = next;
  }
  return out + line;
}
} // namespace

std::string panelText(const Panel &panel, const rt::Terminal &terminal) {
  int width = std::clamp(terminal.width - 1, 20, 72);
  const char *line = terminal.unicode ? "─" : "-";
  auto soft = [&](const std::string &text) { return rt::colored(terminal, "2", text); };
  std::string title = rt::clipped(rt::printable(panel.title), width - 6);
  int left = width - 4 - int(title.size());
  std::string text = "\n" + soft(repeated(line, 2)) + " " +
                     rt::colored(terminal, "1", title) + " " +
                     soft(repeated(line, std::max(left, 1))) + "\n";
  constexpr int kName = 11;
  auto row = [&](const std::string &name, const std::string &value, bool whole) {
    std::string shown = rt::printable(value);
    text += soft(name + std::string(size_t(std::max(kName - int(name.size()), 1)), ' ')) +
            (whole ? shown : wrapped(shown, width - kName, kName)) + "\n";
  };
  for (const auto &[name, value] : panel.facts)
    row(name, value, false);
  if (panel.losses.size() > 1)
    row("loss", rt::sparkline(terminal, panel.losses, std::min(width - kName, 40)), true);
  for (const auto &[name, value] : panel.files)
    row(name, value, true);
  if (!panel.next.empty())
    text += "\n" + rt::colored(terminal, "1", "next") + "\n";
  for (const auto &[why, command] : panel.next)
    text += "  " + soft("# " + why) + "\n  " +
            rt::colored(terminal, "36", rt::printable(command)) + "\n";
  return text;
}

std::string panelLines(const Panel &panel) {
  std::string text;
  for (const auto &[name, value] : panel.files)
    text += name + ": " + value + "\n";
  for (const auto &[why, command] : panel.next)
    text += "next: " + command + "\n";
  return rt::printable(text);
}

} // namespace gradmill::cli
