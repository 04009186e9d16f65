#include "data/Source.h"

#include "core/Nearest.h"
#include "core/Number.h"
#include "core/Text.h"
#include "files/Paths.h"

#include <algorithm>
#include <cstring>

namespace gradmill::rt {

extern const DataSource kAutoSource, kMnistSource, kDigitsSource, kIdxSource,
    kCifar10Source, kCifar100Source, kPngSource, kCsvSource, kNpySource,
    kNpzSource, kSafeTensorsSource;

std::vector<const DataSource *> &dataSources() {
  static std::vector<const DataSource *> all = {
      &kAutoSource,    &kMnistSource,    &kDigitsSource,     &kIdxSource,
      &kCifar10Source, &kCifar100Source, &kPngSource,        &kCsvSource,
      &kNpySource,     &kNpzSource,      &kSafeTensorsSource};
  return all;
}

std::vector<std::string> splitAt(const std::string &text, char separator) {
  std::vector<std::string> parts;
  for (size_t at = 0, end = 0; end != text.npos; at = end + 1) {
    end = text.find(separator, at);
    parts.push_back(text.substr(at, end - at));
  }
  return parts;
}

bool contains(const std::vector<std::string> &list, const std::string &item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool looksLikeTarget(const std::string &name) {
  return contains({"y", "label", "labels", "target", "targets"}, name);
}

std::string suggestion(const std::string &name,
                       const std::vector<std::string> &known) {
  std::string best = nearest(name, known);
  return best.empty() ? best : "did you mean " + best + "? ";
}

std::string listed(const std::vector<std::string> &list) {
  std::string text;
  for (const std::string &item : list)
    text += (text.empty() ? "" : ", ") + item;
  return text.empty() ? "none" : text;
}

namespace {

bool exists(const std::string &path) {
  return isRegularFile(path) || isDirectory(path);
}

const DataSource *sourceNamed(const std::string &name) {
  for (const DataSource *source : dataSources())
    if (source->name == name)
      return source;
  return nullptr;
}

// NAME, NAME:PATH or PATH. False: neither a source nor a path.
bool parseHead(const std::string &head, DataSpec &spec) {
  size_t colon = head.find(':');
  spec.source = sourceNamed(head.substr(0, colon));
  spec.path = "";
  if (spec.source) {
    if (colon != head.npos)
      spec.path = head.substr(colon + 1);
    return true;
  }
  spec.path = head;
  return exists(head);
}

Error unknown(const std::string &head) {
  std::vector<std::string> names, usages;
  for (const DataSource *source : dataSources()) {
    names.push_back(source->name);
    usages.push_back(source->usage);
  }
  return makeError(kUsage, "data_unknown",
                   {"--data ", head, ": no such data set, file or folder; ",
                    suggestion(head.substr(0, head.find(':')), names),
                    "give a file, a folder, or one of: ", listed(usages)});
}

Error unrecognized(const std::string &path) {
  std::vector<std::string> usages;
  for (const DataSource *source : dataSources())
    if (source->recognizes)
      usages.push_back(source->usage);
  return fileError(kUsage, "data_unknown", path, "no data source recognizes it",
                   "say what it is: " + listed(usages));
}

Error wrong(const DataSpec &spec, Pieces cause) {
  return makeError(kUsage, "data_option",
                   {"--data ", spec.text, ": ", join(cause)});
}

std::vector<std::string> keysOf(const DataSource &source) {
  std::vector<std::string> keys;
  for (const SourceOption &option : source.options)
    keys.push_back(option.key);
  if (source.splits)
    keys.insert(keys.end(), {"test", "holdout", "seed"});
  return keys;
}

int hexDigit(char c) {
  const char *digits = "0123456789abcdef";
  const char *at = c >= '0' ? std::strchr(digits, c | 0x20) : nullptr;
  return at ? int(at - digits) : -1;
}

// Resolves %XX; false if two digits do not follow a %.
bool unescape(std::string &value) {
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '%') {
      out += value[i];
      continue;
    }
    int high = i + 2 < value.size() ? hexDigit(value[i + 1]) : -1;
    int low = high >= 0 ? hexDigit(value[i + 2]) : -1;
    if (low < 0)
      return false;
    out += char(high * 16 + low);
    i += 2;
  }
  value = out;
  return true;
}

// Only group may be given several times.
Status addOption(const std::string &text, DataSpec &spec) {
  size_t equals = text.find('=');
  std::string key = text.substr(0, equals);
  std::string value = equals == text.npos ? "yes" : text.substr(equals + 1);
  std::vector<std::string> keys = keysOf(*spec.source);
  if (!contains(keys, key)) {
    return wrong(spec, {spec.source->name, " has no option \"", key, "\"; ",
                        suggestion(key, keys), "it has: ", listed(keys)});
  }
  for (const auto &other : spec.options)
    if (other.first == key && key != "group")
      return wrong(spec, {key, " is given twice"});
  if (!unescape(value))
    return wrong(spec, {"a % in the value of ", key,
                        " is not followed by two hexadecimal digits; %25 "
                        "stands for % itself"});
  spec.options.emplace_back(key, value);
  return ok;
}

} // namespace

Result<DataSpec> parseDataSpec(const std::string &text) {
  DataSpec spec;
  spec.text = text;
  // At the first ? that follows the path of an existing file.
  size_t mark = text.size();
  bool known = parseHead(text, spec) &&
               (!spec.source || spec.path.empty() || exists(spec.path));
  for (size_t at = text.find('?'); !known && at != text.npos;
       at = text.find('?', at + 1)) {
    mark = std::min(mark, at);
    known = parseHead(text.substr(0, at), spec) &&
            (spec.path.empty() || exists(spec.path));
    if (known)
      mark = at;
  }
  if (!parseHead(text.substr(0, mark), spec))
    return unknown(text.substr(0, mark));
  for (const DataSource *source : dataSources())
    if (!spec.source && source->recognizes && source->recognizes(spec.path))
      spec.source = source;
  if (!spec.source)
    return unrecognized(spec.path);
  if (mark < text.size())
    for (const std::string &option : splitAt(text.substr(mark + 1), '&'))
      if (Status bad = addOption(option, spec))
        return *bad;
  return spec;
}

// --- Values ------------------------------------------------------------------

const std::string *SourceOptions::find(const char *key) const {
  for (const auto &[name, value] : spec.options)
    if (name == key)
      return &value;
  return nullptr;
}

std::string SourceOptions::text(const char *key,
                                const std::string &otherwise) const {
  const std::string *value = find(key);
  return value ? *value : otherwise;
}

bool SourceOptions::flag(const char *key, bool otherwise) {
  std::string value = text(key, otherwise ? "yes" : "no");
  if (value != "yes" && value != "no")
    fail(key, "yes or no");
  return value == "yes";
}

int64_t SourceOptions::whole(const char *key, int64_t otherwise, int64_t low,
                             int64_t high) {
  const std::string *text = find(key);
  int64_t value = otherwise;
  if (text && (!parseWhole(*text, value) || value < low || value > high))
    fail(key, join({"a whole number, ", low, " to ", high}));
  return value;
}

double SourceOptions::fraction(const char *key, double otherwise) {
  const std::string *text = find(key);
  double value = otherwise;
  if (text && (!parseWhole(*text, value) || !(value >= 0 && value <= 1)))
    fail(key, "a number from 0 to 1");
  return value;
}

std::vector<std::string> SourceOptions::list(const char *key) const {
  const std::string *text = find(key);
  return text ? splitAt(*text, ',') : std::vector<std::string>();
}

void SourceOptions::fail(const char *key, const std::string &expected) {
  if (!bad)
    bad = wrong(spec, {key, "=", text(key), ": expected ", expected});
}

} // namespace gradmill::rt
