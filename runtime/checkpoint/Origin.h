// What the weights in a checkpoint were trained by, as far as it is compiled
// in: the graph, the loss, the optimizer, the batch size. A run resumes only
// with the same. Otherwise it would be another run that looks like the old one.
#pragma once

#include "core/Manifest.h"

#include <map>
#include <string>

namespace gradmill::rt {

struct Origin {
  std::string graph; // its fingerprint
  std::string loss;
  std::string optimizer; // its name and options, as JSON
  std::string batch;
  // What may change only the last bits: target, compiler, plugins.
  std::string code;
};

Origin originOf(const Manifest &manifest);

// To and from a checkpoint's metadata; false if a part is missing.
void storeOrigin(const Origin &origin,
                 std::map<std::string, std::string> &metadata);
bool readOrigin(const std::map<std::string, std::string> &metadata,
                Origin &origin);

// A line for each difference that must not be, with both values; empty if there
// is none.
std::string differences(const Origin &stored, const Origin &model);

// The optimizer as `--optimizer` takes it; and the other parts of a step by
// their keys ("groups", "transforms", "accumulate", "ema"), as their options
// take them. Empty if the text is no such JSON, or empty itself.
std::string optimizerOption(const std::string &json);
std::string stepOption(const std::string &json, const char *key);

} // namespace gradmill::rt
