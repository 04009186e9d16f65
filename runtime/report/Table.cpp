#include "report/Table.h"

#include <algorithm>

namespace gradmill::rt {

// Of UTF-8, apart from wide and combining characters.
static size_t columnsOf(const std::string &text) {
  return size_t(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string tableText(const std::vector<TableRow> &rows,
                      const std::vector<size_t> &left) {
  std::vector<size_t> widths;
  for (const TableRow &row : rows)
    for (size_t c = 0; c < row.size(); ++c) {
      widths.resize(std::max(widths.size(), c + 1));
      widths[c] = std::max(widths[c], columnsOf(row[c]));
    }
  std::string text;
  for (const TableRow &row : rows) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      std::string padding(widths[c] - columnsOf(row[c]), ' ');
      bool flushLeft = std::find(left.begin(), left.end(), c) != left.end();
      line += (c ? "  " : "") +
              (flushLeft ? row[c] + padding : padding + row[c]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string csvField(const std::string &text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos)
    return text;
  std::string quoted = "\"";
  for (char c : text)
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

} // namespace gradmill::rt
