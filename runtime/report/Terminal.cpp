#include "report/Terminal.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/ioctl.h>
#include <unistd.h>

namespace gradmill::rt {

static bool localeIsUtf8() {
  for (const char *name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const char *value = std::getenv(name); value && *value)
      return std::strstr(value, "UTF-8") || std::strstr(value, "utf8");
  return false;
}

Terminal Terminal::of(int fd) {
  Terminal terminal;
  const char *term = std::getenv("TERM");
  bool dumb = term && std::strcmp(term, "dumb") == 0;
  bool tty = isatty(fd) == 1;
  const char *noColor = std::getenv("NO_COLOR");
  terminal.interactive = tty && !dumb;
  terminal.color = terminal.interactive && !(noColor && *noColor);
  terminal.unicode = terminal.interactive && localeIsUtf8();
  winsize size{};
  if (tty && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    terminal.width = size.ws_col;
  return terminal;
}

std::string colored(const Terminal &terminal, const char *sgr,
                    const std::string &text) {
  if (!terminal.color)
    return text;
  return std::string("\033[") + sgr + "m" + text + "\033[0m";
}

std::string durationText(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e8)
    return "--:--";
  long total = std::lround(seconds);
  char text[32];
  if (total >= 3600)
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", total / 3600,
                  total / 60 % 60, total % 60);
  else
    std::snprintf(text, sizeof text, "%ld:%02ld", total / 60, total % 60);
  return text;
}

std::string barText(const Terminal &terminal, double fraction, int width) {
  int filled = int(std::lround(std::clamp(fraction, 0.0, 1.0) * width));
  std::string bar;
  for (int i = 0; i < width; ++i)
    if (terminal.unicode)
      bar += i < filled ? "█" : "░";
    else
      bar += i < filled ? '#' : '.';
  return bar;
}

std::string clipped(const std::string &text, int width) {
  size_t end = 0;
  for (int column = 0; end < text.size(); ++column) {
    if (column >= width)
      break;
    ++end;
    while (end < text.size() && (text[end] & 0xC0) == 0x80) // UTF-8 tail
      ++end;
  }
  return text.substr(0, end);
}

} // namespace gradmill::rt
