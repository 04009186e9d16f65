// The columns of a CSV file, typed by their contents: whole numbers, numbers,
// or text. Text becomes class numbers in the order of the texts.
#pragma once

#include "core/Error.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gradmill::rt {

struct CsvColumn {
  enum class Kind { Empty, Whole, Number, Text };

  std::string name;
  bool used = true;
  bool asText = false; // whatever it looks like
  Kind kind = Kind::Empty;
  std::vector<int64_t> wholes; // of Whole; of Text the number of the text
  std::vector<double> numbers; // of Number
  struct Text {
    int64_t number;
    uint64_t line; // where it stands first
  };
  std::map<std::string, Text> texts;

  // Adds a field; what is wrong with it, or "".
  std::string add(const std::string &field, uint64_t line);
};

struct CsvOptions {
  char delimiter = ',';
  enum class Header { Yes, No, Unsaid } header = Header::Unsaid;
  std::vector<std::string> drop, text;
  uint64_t maxUnpack;
};

struct CsvTable {
  std::vector<CsvColumn> columns; // without those to drop
  uint64_t rows = 0;
};

// Errors: those of PackedFile; csv_damaged, csv_header, csv_value, each with
// its line.
Result<CsvTable> readCsv(const std::string &path, const CsvOptions &options);

} // namespace gradmill::rt
