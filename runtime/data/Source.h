// Data sources: each turns the argument of --data into samples in memory.
//
//   NAME                     a set that needs no path: mnist, digits
//   PATH                     a file or folder; the first source that recognizes
//                            it opens it
//   NAME:PATH                opened by that source
//   ...?KEY=VALUE&KEY=VALUE  with options; KEY alone is KEY=yes
//
// In a value, %XX is the byte with that hexadecimal number: %26 for &. The path
// of an existing file may contain a ?.
//
// A new source is a file in sources/ and a line in Source.cpp, or in a plugin
// (gradmill/plugin.h).
#pragma once

#include "core/Error.h"
#include "data/Dataset.h"
#include "data/Open.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gradmill::rt {

struct DataSource;

struct DataSpec {
  std::string text; // as typed
  const DataSource *source = nullptr;
  std::string path; // or empty
  std::vector<std::pair<std::string, std::string>> options;
};

struct SourceOption {
  const char *key, *doc; // "target", "COLUMN[,COLUMN]: what to predict"
};

struct DataSource {
  const char *name;  // "csv"
  const char *usage; // "csv:FILE"
  const char *doc;   // one line
  std::span<const SourceOption> options;
  // Whether it knows test=, holdout= and seed= (sources/Split.h).
  bool splits;
  // Whether a file or folder is for this source; looks at names and beginnings
  // only. Null: the source must be named.
  bool (*recognizes)(const std::string &path);
  // The keys of `spec` are known; the values are not checked.
  Result<DatasetSplit> (*open)(const DataSpec &spec,
                               const DataOptions &options);
};

// In the order in which they may recognize a path; those of plugins
// (plugins/LoadPlugins.h) come last.
std::vector<const DataSource *> &dataSources();

// Errors: data_unknown (no such source or path, with a suggestion), data_option
// (an unknown key, one given twice, or a malformed option).
Result<DataSpec> parseDataSpec(const std::string &text);

// Reads the values of options, and remembers the first that is wrong.
class SourceOptions {
public:
  explicit SourceOptions(const DataSpec &spec) : spec(spec) {}

  bool has(const char *key) const { return find(key) != nullptr; }
  std::string text(const char *key, const std::string &otherwise = "") const;
  bool flag(const char *key, bool otherwise = false); // yes or no
  int64_t whole(const char *key, int64_t otherwise, int64_t low, int64_t high);
  double fraction(const char *key, double otherwise);   // 0 to 1
  std::vector<std::string> list(const char *key) const; // at commas
  // For checks of the caller's own.
  void fail(const char *key, const std::string &expected);
  const Status &problem() const { return bad; } // data_option

private:
  const std::string *find(const char *key) const;

  const DataSpec &spec;
  Status bad;
};

std::vector<std::string> splitAt(const std::string &text, char separator);
// Names that mean a target unless the user says otherwise: y, label, target.
bool looksLikeTarget(const std::string &name);
bool contains(const std::vector<std::string> &list, const std::string &item);
// "did you mean NAME? ", or "".
std::string suggestion(const std::string &name,
                       const std::vector<std::string> &known);
// "a, b", or "none".
std::string listed(const std::vector<std::string> &list);

} // namespace gradmill::rt
