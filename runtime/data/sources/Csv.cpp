// csv: a row is a sample; a column or a group of columns goes to a port.
#include "core/Text.h"
#include "data/Elements.h"
#include "data/sources/CsvTable.h"
#include "data/sources/Split.h"
#include "files/Paths.h"

#include <algorithm>

namespace gradmill::rt {
namespace {

constexpr SourceOption kOptions[] = {
    {"target",
     "COLUMN[,COLUMN]: what to predict (y, label, target); text becomes "
     "class numbers"},
    {"group", "NAME:COLUMN,COLUMN: these become one column; * is all others "
              "(x:*); may be given several times; empty: no groups"},
    {"drop", "COLUMN[,COLUMN]: leave these out"},
    {"text", "COLUMN[,COLUMN]: text, even if it looks like numbers"},
    {"delimiter", "CHARACTER, or tab, semicolon, space (comma; tab in .tsv)"},
    {"header", "no: the first line is a sample; columns are called 1, 2, 3"},
};

Result<CsvOptions> readOptions(const std::string &path, const DataSpec &spec,
                               const DataOptions &options) {
  SourceOptions given(spec);
  CsvOptions csv;
  csv.maxUnpack = options.maxUnpack;
  std::string name =
      given.text("delimiter", path.find(".tsv") != path.npos ? "tab" : "comma");
  for (auto [word, character] : {std::pair{"tab", '\t'},
                                 {"comma", ','},
                                 {"semicolon", ';'},
                                 {"space", ' '}})
    if (name == word)
      name = character;
  if (name.size() != 1 || name == "\"" || name == "\n" || name == "\r")
    given.fail("delimiter", "one character, or tab, comma, semicolon, space");
  else
    csv.delimiter = name[0];
  if (given.has("header"))
    csv.header =
        given.flag("header") ? CsvOptions::Header::Yes : CsvOptions::Header::No;
  csv.drop = given.list("drop");
  csv.text = given.list("text");
  if (given.problem())
    return *given.problem();
  return csv;
}

template <typename T> Pixels bytesOf(const std::vector<T> &values) {
  Pixels bytes = Pixels::allocate(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// From the table of a file to columns of a data set.
class Builder {
public:
  Builder(const std::string &path, const DataSpec &spec, const Dataset *like)
      : path(path), spec(spec), like(like) {}

  Result<Dataset> build(CsvTable table) {
    data.name = path;
    data.samples = table.rows;
    SourceOptions given(spec);
    std::vector<std::string> targets = given.list("target");
    for (CsvColumn &from : table.columns) {
      Result<Column> column = convert(from);
      if (!column)
        return column.error();
      column->target = given.has("target") ? std::erase(targets, from.name) > 0
                                           : looksLikeTarget(from.name);
      data.columns.push_back(std::move(*column));
      from = {}; // its memory
    }
    if (!targets.empty())
      return noColumn("target", targets[0]);
    if (Status problem = group())
      return *problem;
    return std::move(data);
  }

private:
  Result<Column> convert(CsvColumn &from) {
    Column column{.name = from.name, .dtype = DType::I64};
    const Column *trained = like ? like->find(from.name) : nullptr;
    if (from.kind == CsvColumn::Kind::Number) {
      column.dtype = DType::F64;
      column.values = bytesOf(from.numbers);
    }
    if (trained && !trained->classNames.empty() &&
        from.kind != CsvColumn::Kind::Text)
      return bad(
          {"column ", from.name, " holds numbers, but text in ", like->name},
          {"say text=", from.name});
    if (from.kind == CsvColumn::Kind::Text)
      if (Status problem = numberClasses(from, column, trained))
        return *problem;
    if (from.kind != CsvColumn::Kind::Number)
      column.values = bytesOf(from.wholes);
    return column;
  }

  // Classes are in the order of their texts, or in the order of the training
  // set.
  Status numberClasses(CsvColumn &from, Column &column, const Column *trained) {
    std::vector<int64_t> numberOf(from.texts.size());
    if (trained)
      column.classNames = trained->classNames;
    else
      for (const auto &[text, at] : from.texts)
        column.classNames.push_back(text);
    const auto &names = column.classNames;
    for (const auto &[text, at] : from.texts) {
      auto found = std::lower_bound(names.begin(), names.end(), text);
      if (found == names.end() || *found != text)
        return bad({"line ", at.line, " column ", from.name, " holds \"", text,
                    "\", which training has not"},
                   {"add it there, or mend it"});
      numberOf[size_t(at.number)] = found - names.begin();
    }
    for (int64_t &value : from.wholes)
      value = numberOf[size_t(value)];
    column.classes = int64_t(names.size());
    return ok;
  }

  // Without group=, all numbers that are no targets become column x.
  Status group() {
    bool any = false;
    for (const auto &[key, value] : spec.options)
      if (key == "group") {
        any = true;
        if (Status bad = value.empty() ? ok : groupNamed(value))
          return bad;
      }
    std::vector<size_t> all = any ? std::vector<size_t>() : rest();
    return all.size() > 1 ? makeGroup("x", all) : ok;
  }

  // NAME:COLUMN,COLUMN or NAME:*.
  Status groupNamed(const std::string &text) {
    size_t colon = text.find(':');
    if (colon == text.npos || colon == 0)
      return makeError(kUsage, "data_option",
                       {"--data ", spec.text, ": group=", text,
                        ": expected NAME:COLUMN,COLUMN"});
    std::string name = text.substr(0, colon), members = text.substr(colon + 1);
    if (members == "*")
      return makeGroup(name, rest());
    std::vector<size_t> places;
    for (const std::string &member : splitAt(members, ',')) {
      const Column *column = data.find(member);
      if (!column || !column->shape.empty())
        return noColumn("group", member);
      places.push_back(size_t(column - data.columns.data()));
    }
    return makeGroup(name, places);
  }

  // Numbers that are no targets and in no group.
  std::vector<size_t> rest() const {
    std::vector<size_t> places;
    for (size_t i = 0; i < data.columns.size(); ++i) {
      const Column &column = data.columns[i];
      if (!column.target && column.classNames.empty() && column.shape.empty())
        places.push_back(i);
    }
    return places;
  }

  Status makeGroup(const std::string &name, const std::vector<size_t> &places) {
    std::vector<Column> parts;
    for (size_t place : places) {
      Column &column = data.columns[place];
      if (!column.classNames.empty() || column.name.empty() ||
          (!parts.empty() && column.target != parts[0].target))
        return bad({"column ", column.name, " cannot be in group ", name},
                   {"a group holds numbers, all or none of them targets, each "
                    "once"});
      parts.push_back(std::move(column));
      column.name.clear();
    }
    std::erase_if(data.columns,
                  [](const Column &column) { return column.name.empty(); });
    if (parts.empty() || data.find(name))
      return bad({parts.empty() ? "there is nothing for group "
                                : "there is already a column ",
                  name},
                 {"name the group otherwise, or its columns"});
    data.columns.push_back(interleaved(name, parts));
    return ok;
  }

  Column interleaved(const std::string &name,
                     const std::vector<Column> &parts) {
    bool whole = std::all_of(parts.begin(), parts.end(), [](const Column &c) {
      return c.dtype == DType::I64;
    });
    Column group{.name = name,
                 .dtype = whole ? DType::I64 : DType::F64,
                 .shape = {int64_t(parts.size())},
                 .target = parts[0].target};
    group.values = Pixels::allocate(size_t(data.samples) * parts.size() * 8);
    for (size_t p = 0; p < parts.size(); ++p)
      for (size_t i = 0; i < data.samples; ++i) {
        size_t at = i * parts.size() + p;
        const uint8_t *from = parts[p].values.data();
        if (whole)
          store(group.values.data(), at, load<int64_t>(from, i));
        else if (parts[p].dtype == DType::F64)
          store(group.values.data(), at, load<double>(from, i));
        else
          store(group.values.data(), at, double(load<int64_t>(from, i)));
      }
    return group;
  }

  Error noColumn(const std::string &option, const std::string &name) const {
    std::vector<std::string> names;
    for (const Column &column : data.columns)
      names.push_back(column.name);
    return bad(
        {option, "= names \"", name, "\", which is no column of its own"},
        {"there are: ", listed(names)});
  }

  Error bad(Pieces cause, Pieces fix) const {
    return badFile("data_columns", path, cause, fix);
  }

  const std::string &path;
  const DataSpec &spec;
  const Dataset *like;
  Dataset data;
};

bool recognizes(const std::string &path) {
  for (const char *ending : {".csv", ".tsv", ".csv.gz", ".tsv.gz"})
    if (path.ends_with(ending))
      return true;
  return false;
}

Result<DatasetSplit> open(const DataSpec &spec, const DataOptions &options) {
  return openSplit(
      spec,
      [&](const std::string &path, const Dataset *like) -> Result<Dataset> {
        Result<CsvOptions> csv = readOptions(path, spec, options);
        if (!csv)
          return csv.error();
        Result<CsvTable> table = readCsv(path, *csv);
        if (!table)
          return table.error();
        return Builder(path, spec, like).build(std::move(*table));
      });
}

} // namespace

extern const DataSource kCsvSource;
const DataSource kCsvSource = {
    "csv",    "csv:FILE", "a table in text: a row is a sample",
    kOptions, true,       recognizes,
    open};

} // namespace gradmill::rt
