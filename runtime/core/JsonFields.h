// Reads the fields of a JSON object that came from a file, checking type and
// range; the first problem is kept, with its path, and later reads do nothing.
// Only for .cpp files: it pulls in nlohmann/json.
#pragma once

#include "core/Error.h"
#include "core/ManifestLimits.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace gradmill::rt {

using Json = nlohmann::json;

// The dump that never throws: bytes that are not UTF-8 become U+FFFD. Control
// characters that JSON lets through (DEL, C1) are escaped, too: it may be
// printed to a terminal.
inline std::string jsonText(const Json &json, int indent = -1) {
  std::string text =
      json.dump(indent, ' ', false, Json::error_handler_t::replace);
  for (size_t i = 0; i < text.size(); ++i) {
    bool c1 = i + 1 < text.size() && uint8_t(text[i]) == 0xc2 &&
              uint8_t(text[i + 1]) < 0xa0;
    if (!c1 && text[i] != 0x7f)
      continue;
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x",
                  unsigned(uint8_t(text[i + c1])));
    text.replace(i, 1 + c1, escape);
  }
  return text;
}

// Whether lists and objects stand in one another more than `limit` deep. Asked
// before a file's text is parsed: what then handles the values is recursive.
inline bool nestsDeeper(std::string_view text, int limit) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (quoted)
      continue;
    else if (c == '[' || c == '{')
      ++depth;
    else if (c == ']' || c == '}')
      --depth;
    if (depth > limit)
      return true;
  }
  return false;
}

// No file of ours comes near this.
inline constexpr int kMaxJsonDepth = 32;

// Discarded if it is not JSON, or nests too deep.
inline Json parseJson(std::string_view text) {
  if (nestsDeeper(text, kMaxJsonDepth))
    return Json(Json::value_t::discarded);
  return Json::parse(text.begin(), text.end(), nullptr,
                     /*allow_exceptions=*/false);
}

class JsonFields {
public:
  JsonFields(const Json &object, std::string path, std::string &problem)
      : object(object), path(std::move(path)), problem(problem) {
    if (!object.is_object())
      fail("", "is not an object");
  }

  bool failed() const { return !problem.empty(); }
  bool has(const char *key) const {
    return object.is_object() && object.contains(key);
  }
  std::string at(const std::string &key) const {
    return path.empty() ? key : key.empty() ? path : path + "." + key;
  }
  void fail(const std::string &key, const std::string &what) {
    if (problem.empty())
      problem = at(key) + " " + what;
  }

  // The field, or null (and a problem, if it was required).
  const Json *get(const char *key, bool required = true) {
    if (failed())
      return nullptr;
    auto it = object.find(key);
    if (it != object.end())
      return &*it;
    if (required)
      fail(key, "is missing");
    return nullptr;
  }

  std::string string(const char *key, bool required = true) {
    const Json *field = get(key, required);
    if (!field)
      return {};
    if (!field->is_string()) {
      fail(key, "is not a string");
      return {};
    }
    auto text = field->get<std::string>();
    if (text.find('\0') != std::string::npos)
      fail(key, "contains a NUL character");
    return text;
  }

  std::string name(const char *key) {
    std::string text = string(key);
    if (text.empty() || text.size() > 1024)
      fail(key, "is not a name of 1 to 1024 bytes");
    return text;
  }

  int64_t integer(const char *key, int64_t min, int64_t max,
                  int64_t fallback = 0, bool required = true) {
    const Json *field = get(key, required);
    if (!field)
      return fallback;
    return toInteger(*field, key, min, max);
  }

  // False if it is absent.
  bool boolean(const char *key) {
    const Json *field = get(key, false);
    if (field && !field->is_boolean())
      fail(key, "is not true or false");
    return field && field->is_boolean() && field->get<bool>();
  }

  double number(const char *key) {
    const Json *field = get(key);
    return field ? toNumber(*field, key) : 0;
  }

  std::vector<int64_t> shape(const char *key, bool required = true) {
    std::vector<int64_t> values;
    const Json *field = get(key, required);
    if (!field)
      return values;
    if (!field->is_array() || field->size() > kMaxRank) {
      fail(key, "is not a list of at most 8 extents");
      return values;
    }
    for (const Json &extent : *field)
      values.push_back(toInteger(extent, key, 1, kMaxExtent));
    return values;
  }

  std::vector<float> floats(const char *key) {
    std::vector<float> values;
    const Json *field = get(key, false);
    if (field && !field->is_array())
      fail(key, "is not a list of numbers");
    else if (field)
      for (const Json &value : *field)
        values.push_back(float(toNumber(value, key)));
    return values;
  }

  // A list of integers that is no field of an object.
  static std::vector<int64_t> integersOf(const Json &list, int64_t min,
                                         int64_t max, const std::string &path,
                                         std::string &problem) {
    std::vector<int64_t> values;
    bool good = list.is_array() &&
                std::all_of(list.begin(), list.end(), [&](const Json &v) {
                  return v.is_number_integer() && v.get<int64_t>() >= min &&
                         v.get<int64_t>() <= max;
                });
    if (good)
      values = list.get<std::vector<int64_t>>();
    else if (problem.empty())
      problem = path + " is not a list of integers in " + std::to_string(min) +
                ".." + std::to_string(max);
    return values;
  }

  // A list of texts; empty if it is absent.
  std::vector<std::string> strings(const char *key) {
    std::vector<std::string> values;
    const Json *field = get(key, false);
    bool texts = field && field->is_array() &&
                 std::all_of(field->begin(), field->end(),
                             [](const Json &v) { return v.is_string(); });
    if (texts)
      values = field->get<std::vector<std::string>>();
    else if (field)
      fail(key, "is not a list of strings");
    return values;
  }

private:
  int64_t toInteger(const Json &field, const char *key, int64_t min,
                    int64_t max) {
    bool fits = field.is_number_unsigned()
                    ? field.get<uint64_t>() <= uint64_t(max)
                    : field.is_number_integer();
    if (fits && field.get<int64_t>() >= min && field.get<int64_t>() <= max)
      return field.get<int64_t>();
    fail(key, "is not an integer in " + std::to_string(min) + ".." +
                  std::to_string(max));
    return min;
  }
  double toNumber(const Json &field, const char *key) {
    if (field.is_number() && std::isfinite(field.get<double>()) &&
        std::isfinite(float(field.get<double>())))
      return field.get<double>();
    fail(key, "is not a finite number");
    return 0;
  }

  const Json &object;
  std::string path;
  std::string &problem;
};

} // namespace gradmill::rt
