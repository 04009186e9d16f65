#include "report/Terminal.h"

#include "core/Utf8.h"

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

// The length of the UTF-8 character at `at`, 0 if there is none or a control
// character (which are below 32, 127, and U+0080 to U+009F).
static size_t printableLength(const std::string &text, size_t at) {
  auto first = uint8_t(text[at]);
  if (first < 0x80)
    return (first >= 32 && first != 127) || first == '\n' || first == '\t';
  Utf8 character = utf8At(text, at);
  bool control = first == 0xC2 && uint8_t(text[at + 1]) < 0xA0;
  return character.valid && !control ? character.length : 0;
}

std::string printable(const std::string &text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (size_t length = printableLength(text, at)) {
      out += text.substr(at, length);
      at += length;
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\x%02X", uint8_t(text[at++]));
    out += escape;
  }
  return out;
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
