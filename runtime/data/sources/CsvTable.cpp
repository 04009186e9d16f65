#include "data/sources/CsvTable.h"

#include "core/Nearest.h"
#include "core/Number.h"
#include "core/Text.h"
#include "data/PackedFile.h"
#include "data/Source.h"
#include "data/sources/CsvText.h"
#include "files/Paths.h"

#include <algorithm>
#include <cmath>

namespace gradmill::rt {
namespace {

// [-]DIGITS[.DIGITS] with at most 15 digits is a quotient of two exact numbers,
// and the division rounds once. Everything else goes through the library, which
// is much slower.
bool parseShort(const std::string &text, double &value) {
  size_t i = text[0] == '-';
  int64_t digits = 0, scale = 1;
  size_t count = 0;
  bool point = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !point) {
      point = true;
      continue;
    }
    if (text[i] < '0' || text[i] > '9' || ++count > 15)
      return false;
    digits = digits * 10 + (text[i] - '0');
    scale *= point ? 10 : 1;
  }
  if (count == 0)
    return false;
  value = double(digits) / double(scale);
  if (text[0] == '-')
    value = -value;
  return true;
}

bool parseNumber(const std::string &text, double &value) {
  return parseShort(text, value) ||
         (parseWhole(text, value) && std::isfinite(value));
}

class Reader {
public:
  Reader(const std::string &path, std::string_view text,
         const CsvOptions &options)
      : path(path), text(text, options.delimiter), options(options) {}

  Result<CsvTable> run() {
    bool any = text.next(fields);
    if (any)
      if (Status bad = nameColumns())
        return *bad;
    for (any = any && (!headed || text.next(fields)); any;
         any = text.next(fields))
      if (Status bad = addRow())
        return *bad;
    if (!text.problem().empty())
      return lineError("csv_damaged", {text.problem()}, {"mend the file"});
    if (table.rows == 0)
      return badFile("csv_damaged", path, {"it holds no samples"},
                     {"give a file with at least one row"});
    std::erase_if(table.columns, [](const CsvColumn &c) { return !c.used; });
    return std::move(table);
  }

private:
  Status nameColumns() {
    bool numbers =
        std::all_of(fields.begin(), fields.end(), [](const std::string &field) {
          double value;
          return parseNumber(field, value);
        });
    if (numbers && options.header == CsvOptions::Header::Unsaid)
      return lineError("csv_header", {"holds numbers rather than names"},
                       {"say header=no, or header=yes if they are names"});
    headed = options.header != CsvOptions::Header::No;
    std::map<std::string, size_t> names; // and places
    for (size_t i = 0; i < fields.size(); ++i) {
      CsvColumn column;
      column.name =
          headed && !fields[i].empty() ? fields[i] : std::to_string(i + 1);
      column.used = !contains(options.drop, column.name);
      column.asText = contains(options.text, column.name);
      if (!names.try_emplace(column.name, i).second)
        return lineError("csv_header",
                         {"names two columns \"", column.name, "\""},
                         {"rename one"});
      table.columns.push_back(std::move(column));
    }
    for (const auto *wanted : {&options.drop, &options.text})
      for (const std::string &name : *wanted)
        if (!names.contains(name))
          return lineError("csv_header", {"names no column \"", name, "\""},
                           {"there are: ", namesText()});
    return ok;
  }

  std::string namesText() const {
    std::vector<std::string> names;
    for (const CsvColumn &column : table.columns)
      names.push_back(column.name);
    return listed(names);
  }

  Status addRow() {
    if (fields.size() != table.columns.size())
      return lineError(
          "csv_damaged",
          {"has ", fields.size(), " fields, not ", table.columns.size()},
          {"mend it, or say delimiter="});
    for (size_t i = 0; i < fields.size(); ++i) {
      CsvColumn &column = table.columns[i];
      std::string problem =
          column.used ? column.add(fields[i], text.line()) : "";
      if (!problem.empty())
        return lineError(
            "csv_value", {"column ", column.name, " ", problem},
            {"mend it, or leave the column out with drop=", column.name});
    }
    ++table.rows;
    return ok;
  }

  Error lineError(const char *code, Pieces cause, Pieces fix) const {
    return badFile(code, path, {"line ", text.line(), " ", join(cause)}, fix);
  }

  const std::string &path;
  CsvText text;
  const CsvOptions &options;
  std::vector<std::string> fields;
  bool headed = true;
  CsvTable table;
};

} // namespace

std::string CsvColumn::add(const std::string &field, uint64_t line) {
  int64_t whole;
  double number;
  if (field.empty())
    return "has no value";
  Kind found = asText                       ? Kind::Text
               : parseWhole(field, whole)   ? Kind::Whole
               : parseNumber(field, number) ? Kind::Number
                                            : Kind::Text;
  if (kind != Kind::Empty && (kind == Kind::Text) != (found == Kind::Text))
    return join({"holds \"", field.substr(0, 40), "\", but ",
                 (found == Kind::Text ? "numbers" : "text"),
                 " before; text=", name, " makes all of it text"});
  if (found == Kind::Text) {
    auto [at, added] =
        texts.try_emplace(field, Text{int64_t(texts.size()), line});
    wholes.push_back(at->second.number);
  } else if (found == Kind::Whole && kind != Kind::Number) {
    wholes.push_back(whole);
  } else {
    if (kind == Kind::Whole) {
      numbers.assign(wholes.begin(), wholes.end());
      wholes = {};
    }
    numbers.push_back(found == Kind::Whole ? double(whole) : number);
    found = Kind::Number;
  }
  kind = found;
  return {};
}

Result<CsvTable> readCsv(const std::string &path, const CsvOptions &options) {
  Result<std::vector<uint8_t>> bytes = readPacked(path, options.maxUnpack);
  if (!bytes)
    return bytes.error();
  std::string_view text(reinterpret_cast<const char *>(bytes->data()),
                        bytes->size());
  return Reader(path, text, options).run();
}

} // namespace gradmill::rt
