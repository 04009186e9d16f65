// Tables for people: columns as wide as their contents.
#pragma once

#include <string>
#include <vector>

namespace gradmill::rt {

using TableRow = std::vector<std::string>;

// A line for each row, the first being the header. The columns stand two spaces
// apart; texts are flush left in the columns numbered in `left`, flush right in
// the others. No line ends in spaces.
std::string tableText(const std::vector<TableRow> &rows,
                      const std::vector<size_t> &left = {0});

// A field of a CSV file, quoted if it must be.
std::string csvField(const std::string &text);

} // namespace gradmill::rt
