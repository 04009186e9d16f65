// The text of a CSV file as rows of fields (RFC 4180): quotes around fields
// that hold delimiters, line ends or doubled quotes; LF or CRLF.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gradmill::rt {

class CsvText {
public:
  CsvText(std::string_view text, char delimiter);

  // Reads the next row; false at the end, and where the text is damaged. Blanks
  // around a field without quotes do not count.
  bool next(std::vector<std::string> &fields);
  uint64_t line() const { return rowLine; } // of the row, from 1
  const std::string &problem() const { return wrong; }

private:
  bool field(std::string &value); // false: damaged
  bool quoted(std::string &value);
  char at(size_t i) const { return i < text.size() ? text[i] : '\n'; }

  std::string_view text;
  char delimiter;
  size_t position = 0;
  uint64_t lines = 1, rowLine = 0;
  std::string wrong;
};

} // namespace gradmill::rt
