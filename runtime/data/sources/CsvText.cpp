#include "data/sources/CsvText.h"

namespace gradmill::rt {

// A column takes some hundred bytes in memory; a field of a hostile file takes
// one.
static constexpr size_t kMaxFields = 65536;

CsvText::CsvText(std::string_view text, char delimiter)
    : text(text), delimiter(delimiter) {
  if (text.starts_with("\xef\xbb\xbf")) // a byte order mark
    this->text.remove_prefix(3);
  // Blank lines at the end are no rows.
  size_t end = this->text.find_last_not_of("\r\n");
  this->text = this->text.substr(0, end == text.npos ? 0 : end + 1);
}

bool CsvText::next(std::vector<std::string> &fields) {
  rowLine = lines;
  if (position >= text.size())
    return false;
  for (size_t count = 0;; ++count) {
    if (count == kMaxFields) {
      wrong = "has more than " + std::to_string(kMaxFields) + " fields";
      return false;
    }
    if (count == fields.size())
      fields.emplace_back();
    if (!field(fields[count]))
      return false;
    bool more = position < text.size() && text[position] == delimiter;
    if (more) {
      ++position;
      continue;
    }
    fields.resize(count + 1);
    position += at(position) == '\r'; // field() stopped before a line end
    ++position, ++lines;
    return true;
  }
}

bool CsvText::field(std::string &value) {
  auto isBlank = [&](char c) {
    return (c == ' ' || c == '\t') && c != delimiter;
  };
  while (position < text.size() && isBlank(text[position]))
    ++position;
  if (at(position) == '"')
    return quoted(value);
  size_t start = position;
  while (at(position) != '\n' && at(position) != delimiter &&
         !(at(position) == '\r' && at(position + 1) == '\n')) {
    if (at(position) == '\0') {
      wrong = "holds a zero byte: it is no text";
      return false;
    }
    ++position;
  }
  size_t end = position;
  while (end > start && isBlank(text[end - 1]))
    --end;
  value.assign(text.substr(start, end - start));
  return true;
}

bool CsvText::quoted(std::string &value) {
  value.clear();
  for (++position; position < text.size(); ++position) {
    char c = text[position];
    if (c == '"' && at(position + 1) != '"')
      break;
    position += c == '"'; // doubled
    lines += c == '\n';
    value += c;
  }
  if (position == text.size()) {
    wrong = "opens a quote that nothing closes";
    return false;
  }
  ++position;
  while (position < text.size() && text[position] != delimiter &&
         (text[position] == ' ' || text[position] == '\t'))
    ++position;
  bool ends = at(position) == '\n' || at(position) == delimiter ||
              (at(position) == '\r' && at(position + 1) == '\n');
  if (!ends)
    wrong = "goes on after a closing quote";
  return ends;
}

} // namespace gradmill::rt
