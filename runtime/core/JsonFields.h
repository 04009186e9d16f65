// Reads the fields of a JSON object from a file, and checks type and range. It
// keeps the first problem, with its path; later reads do nothing.
#pragma once

#include "core/Error.h"
#include "core/Json.h"
#include "core/ManifestLimits.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

class JsonFields {
public:
  JsonFields(const Json &object, std::string path, std::string &problem);

  bool failed() const { return !problem.empty(); }
  bool has(const char *key) const { return object.contains(key); }
  std::string at(const std::string &key) const;
  void fail(const std::string &key, const std::string &what);

  // The field, or null (and a problem, if it was required).
  const Json *get(const char *key, bool required = true);

  std::string string(const char *key, bool required = true);
  std::string name(const char *key);
  int64_t integer(const char *key, int64_t min, int64_t max,
                  int64_t fallback = 0, bool required = true);
  // False if it is absent.
  bool boolean(const char *key);
  double number(const char *key);
  std::vector<int64_t> shape(const char *key, bool required = true);
  std::vector<float> floats(const char *key);
  // A list of texts; empty if it is absent.
  std::vector<std::string> strings(const char *key);

  // A list of integers that is no field of an object.
  static std::vector<int64_t> integersOf(const Json &list, int64_t min,
                                         int64_t max, const std::string &path,
                                         std::string &problem);

private:
  int64_t toInteger(const Json &field, const char *key, int64_t min,
                    int64_t max);
  double toNumber(const Json &field, const char *key);

  const Json &object;
  std::string path;
  std::string &problem;
};

} // namespace gradmill::rt
