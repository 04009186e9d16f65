#include "MetricsLog.h"
#include "core/Json.h"
#include "core/Text.h"
#include "files/Input.h"
#include "llvm/ADT/StringRef.h"

using llvm::StringRef;

namespace gradmill::cli {

static rt::Error badLine(const std::string &path, size_t line, const char *cause) {
  return rt::badFile("metrics_log", path,
                     {"line ", uint64_t(line), " ", cause},
                     {"give the file that gradmill train --metrics wrote"});
}

// What train writes as a number.
static bool isJudged(StringRef name) {
  return name == "loss" || name == "learning_rate" || name.starts_with("train_") ||
         name.starts_with("test_") || name.starts_with("val_");
}

rt::Result<std::vector<nn::EpochRecord>>
readMetricsLog(const std::string &path) {
  constexpr uint64_t kMostBytes = uint64_t(256) << 20;
  auto bytes = rt::readFile(path, kMostBytes);
  if (!bytes)
    return bytes.error();
  StringRef rest(reinterpret_cast<const char *>(bytes->data()), bytes->size());
  std::vector<nn::EpochRecord> epochs;
  for (size_t number = 1; !rest.empty(); ++number) {
    auto [line, next] = rest.split('\n');
    // A run that was ended while it wrote leaves half a line.
    bool isCut = next.trim().empty();
    rest = next;
    if (line.trim().empty())
      continue;
    rt::Json record = rt::parseJson(std::string_view(line.data(), line.size()));
    if (record.is_discarded() && isCut)
      break;
    if (!record.is_object())
      return badLine(path, number, "is no JSON object");
    const rt::Json *type = record.find("type"), *epoch = record.find("epoch");
    if (!type || !type->is_string())
      return badLine(path, number, "has no \"type\"");
    if (type->get<std::string>() != "epoch")
      continue;
    if (!epoch || !epoch->is_number())
      return badLine(path, number, "has no \"epoch\"");
    nn::EpochRecord values;
    values.number = epoch->get<int64_t>();
    // A loss that is no number is written as null.
    for (const auto &[name, value] : record.items())
      if (isJudged(name) && !value.is_number() && !value.is_null())
        return badLine(path, number, ("has a \"" + name + "\" that is no number").c_str());
      else if (value.is_number() || value.is_null())
        values.values[name] = value.is_null()
                                  ? std::numeric_limits<double>::quiet_NaN()
                                  : value.get<double>();
    while (!epochs.empty() && epochs.back().number >= values.number)
      epochs.pop_back();
    epochs.push_back(std::move(values));
  }
  if (epochs.empty())
    return rt::badFile("metrics_log", path, {"has no record of an epoch"},
                       {"give the file that gradmill train --metrics wrote"});
  return epochs;
}

} // namespace gradmill::cli
