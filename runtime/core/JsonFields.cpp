#include "core/JsonFields.h"

#include <algorithm>
#include <cmath>

namespace gradmill::rt {

// "3..5".
static std::string rangeText(int64_t min, int64_t max) {
  return std::to_string(min) + ".." + std::to_string(max);
}

static bool isIntegerIn(const Json &value, int64_t min, int64_t max) {
  bool fits = value.is_number_unsigned()
                  ? value.get<uint64_t>() <= uint64_t(max)
                  : value.is_number_integer();
  return fits && value.get<int64_t>() >= min && value.get<int64_t>() <= max;
}

JsonFields::JsonFields(const Json &object, std::string path,
                       std::string &problem)
    : object(object), path(std::move(path)), problem(problem) {
  if (!object.is_object())
    fail("", "is not an object");
}

std::string JsonFields::at(const std::string &key) const {
  return path.empty() ? key : key.empty() ? path : path + "." + key;
}

void JsonFields::fail(const std::string &key, const std::string &what) {
  if (problem.empty())
    problem = at(key) + " " + what;
}

const Json *JsonFields::get(const char *key, bool required) {
  if (failed())
    return nullptr;
  const Json *field = object.find(key);
  if (!field && required)
    fail(key, "is missing");
  return field;
}

std::string JsonFields::string(const char *key, bool required) {
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

std::string JsonFields::name(const char *key) {
  std::string text = string(key);
  if (text.empty() || text.size() > 1024)
    fail(key, "is not a name of 1 to 1024 bytes");
  return text;
}

int64_t JsonFields::integer(const char *key, int64_t min, int64_t max,
                            int64_t fallback, bool required) {
  const Json *field = get(key, required);
  return field ? toInteger(*field, key, min, max) : fallback;
}

bool JsonFields::boolean(const char *key) {
  const Json *field = get(key, false);
  if (field && !field->is_boolean())
    fail(key, "is not true or false");
  return field && field->get<bool>();
}

double JsonFields::number(const char *key) {
  const Json *field = get(key);
  return field ? toNumber(*field, key) : 0;
}

std::vector<int64_t> JsonFields::shape(const char *key, bool required) {
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

std::vector<float> JsonFields::floats(const char *key) {
  std::vector<float> values;
  const Json *field = get(key, false);
  if (field && !field->is_array())
    fail(key, "is not a list of numbers");
  else if (field)
    for (const Json &value : *field)
      values.push_back(float(toNumber(value, key)));
  return values;
}

std::vector<std::string> JsonFields::strings(const char *key) {
  const Json *field = get(key, false);
  bool texts =
      !field || (field->is_array() &&
                 std::all_of(field->begin(), field->end(),
                             [](const Json &v) { return v.is_string(); }));
  if (!texts)
    fail(key, "is not a list of strings");
  return field && texts ? field->get<std::vector<std::string>>()
                        : std::vector<std::string>();
}

std::vector<int64_t> JsonFields::integersOf(const Json &list, int64_t min,
                                            int64_t max,
                                            const std::string &path,
                                            std::string &problem) {
  if (list.is_array() &&
      std::all_of(list.begin(), list.end(),
                  [&](const Json &v) { return isIntegerIn(v, min, max); }))
    return list.get<std::vector<int64_t>>();
  if (problem.empty())
    problem = path + " is not a list of integers in " + rangeText(min, max);
  return {};
}

int64_t JsonFields::toInteger(const Json &field, const char *key, int64_t min,
                              int64_t max) {
  if (isIntegerIn(field, min, max))
    return field.get<int64_t>();
  fail(key, "is not an integer in " + rangeText(min, max));
  return min;
}

double JsonFields::toNumber(const Json &field, const char *key) {
  auto value = field.get<double>();
  if (field.is_number() && std::isfinite(float(value)))
    return value;
  fail(key, "is not a finite number");
  return 0;
}

} // namespace gradmill::rt
