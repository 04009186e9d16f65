#include "checkpoint/Origin.h"

#include "core/Json.h"
#include "core/Number.h"

namespace gradmill::rt {

// The parts and their keys: the one list that writing, reading and comparing
// share.
template <typename Some, typename Visitor>
static void visitParts(Some &origin, Visitor &&visit) {
  visit("graph", origin.graph);
  visit("loss", origin.loss);
  visit("optimizer", origin.optimizer);
  visit("batch", origin.batch);
  visit("code", origin.code);
}

static std::string keyOf(const char *part) {
  return std::string("gradmill.") + part;
}

Origin originOf(const Manifest &manifest) {
  Origin origin;
  origin.graph = manifest.graph;
  origin.loss = manifest.loss;
  origin.optimizer = manifest.optimizerText;
  if (const EntrySpec *train = manifest.training())
    origin.batch = std::to_string(train->batch);
  origin.code = manifest.compiler + " for " + manifest.targetName + " (" +
                manifest.cpu + ")" +
                (manifest.exactConv ? ", exact convolutions" : "");
  for (const std::string &plugin : manifest.plugins)
    origin.code += ", " + plugin;
  return origin;
}

void storeOrigin(const Origin &origin,
                 std::map<std::string, std::string> &metadata) {
  visitParts(origin, [&](const char *part, const std::string &value) {
    metadata[keyOf(part)] = value;
  });
}

bool readOrigin(const std::map<std::string, std::string> &metadata,
                Origin &origin) {
  bool complete = true;
  visitParts(origin, [&](const char *part, std::string &value) {
    auto it = metadata.find(keyOf(part));
    complete &= it != metadata.end();
    if (it != metadata.end())
      value = it->second;
  });
  return complete;
}

std::string differences(const Origin &stored, const Origin &model) {
  std::map<std::string, std::string> ours;
  storeOrigin(model, ours);
  std::string list;
  visitParts(stored, [&](const char *part, const std::string &value) {
    const std::string &own = ours[keyOf(part)];
    bool isCode = std::string(part) == "code";
    if (isCode || value == own)
      return;
    // A few digits of a fingerprint are enough.
    bool isGraph = std::string(part) == "graph";
    auto shown = [&](const std::string &text) {
      return isGraph ? text.substr(0, 12) : text;
    };
    list += std::string("\n  ") + part + ": " + shown(value) +
            " in the checkpoint, " + shown(own) + " here";
  });
  return list;
}

// The keys of the manifest's optimizer that are no options of the update rule.
static bool isOfStep(std::string_view key) {
  return key == "groups" || key == "transforms" || key == "accumulate" ||
         key == "ema" || key == "mixup";
}

std::string optimizerOption(const std::string &text) {
  Json json = parseJson(text);
  const Json *name = json.find("name");
  if (!name || !name->is_string())
    return "";
  std::string option = name->get<std::string>();
  char separator = ':';
  for (const auto &[key, value] : json.items()) {
    if (key == "name" || isOfStep(key))
      continue;
    if (!value.is_number())
      return "";
    option += separator + key + "=" + exactText(value.get<double>());
    separator = ',';
  }
  return option;
}

std::string stepOption(const std::string &text, const char *key) {
  Json json = parseJson(text);
  const Json *value = json.find(key);
  if (value && value->is_number())
    return exactText(value->get<double>());
  return value && value->is_string() ? value->get<std::string>() : "";
}

} // namespace gradmill::rt
