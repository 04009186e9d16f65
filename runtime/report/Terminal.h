// The abilities of the terminal. Colour and animation are for people: none of
// them in a pipe, and no colour with NO_COLOR (no-color.org) or TERM=dumb.
#pragma once

#include <string>

namespace gradmill::rt {

struct Terminal {
  bool interactive = false; // may redraw a line
  bool color = false;
  bool unicode = false; // block characters may be drawn
  int width = 80;       // columns

  static Terminal of(int fd);
};

// `text` in an SGR colour ("32": green) if the terminal has colours.
std::string colored(const Terminal &terminal, const char *sgr,
                    const std::string &text);

// `text` with everything that could move the cursor, change colours or hide
// text as \xNN: control characters except the line's end and the tab, and bytes
// that are no UTF-8. For texts from files.
std::string printable(const std::string &text);

// "1:02:03", "4:05".
std::string durationText(double seconds);

// A bar `width` columns wide, `fraction` of it filled.
std::string barText(const Terminal &terminal, double fraction, int width);

// The beginning of a text that fits `width` columns (ASCII and 3-byte blocks).
std::string clipped(const std::string &text, int width);

} // namespace gradmill::rt
