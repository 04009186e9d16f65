#include "Findings.h"
#include "../report/Data.h"
#include "compiler/Version.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;

namespace gradmill::cli {
namespace {

struct Place {
  std::string file;
  unsigned line = 0, column = 0; // 0: the file as a whole
};

Place placeOf(const nn::Advice &advice, StringRef run) {
  if (!advice.place)
    return {run.str()};
  if (auto place = dyn_cast<FileLineColLoc>(*advice.place))
    return {place.getFilename().str(), place.getLine(), place.getColumn()};
  if (auto named = dyn_cast<NameLoc>(*advice.place))
    return {named.getName().str()}; // "net.json:op#3"
  return {};
}

std::string placeText(const Place &place) {
  std::string text = place.file;
  if (place.line)
    text += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  return text;
}

std::string print(llvm::json::Value value) {
  return llvm::formatv("{0:2}\n", std::move(value)).str();
}

// One result of a run. (Texts come from files: JSON takes UTF-8 alone.)
llvm::json::Object resultOf(const nn::Advice &advice, StringRef run) {
  Place place = placeOf(advice, run);
  llvm::json::Object physical{
      {"artifactLocation",
       llvm::json::Object{{"uri", llvm::json::fixUTF8(place.file)}}}};
  if (place.line)
    physical["region"] = llvm::json::Object{
        {"startLine", place.line}, {"startColumn", std::max(1u, place.column)}};
  return llvm::json::Object{
      {"ruleId", advice.rule},
      {"level", "warning"},
      {"message", llvm::json::Object{{"text", llvm::json::fixUTF8(
                                                  advice.reason + ". " +
                                                  advice.fix + ".")}}},
      {"locations", llvm::json::Array{llvm::json::Object{
                        {"physicalLocation", std::move(physical)}}}}};
}
} // namespace

Finding findingOf(const nn::Advice &advice) {
  return {advice.rule, placeText(placeOf(advice, "")), advice.layer, advice.reason,
          advice.fix};
}

std::string findingsText(ArrayRef<nn::Advice> advice, StringRef run) {
  std::string text;
  for (const nn::Advice &one : advice)
    text += placeText(placeOf(one, run)) + ": advice[" + one.rule +
            "]: " + one.reason + "\n  better: " + one.fix + "\n";
  return text + (advice.empty()       ? "no advice\n"
                 : advice.size() == 1 ? "1 piece of advice\n"
                                      : std::to_string(advice.size()) +
                                            " pieces of advice\n");
}

std::string findingsJson(ArrayRef<nn::Advice> advice, StringRef run) {
  llvm::json::Array list;
  for (const nn::Advice &one : advice) {
    Place place = placeOf(one, run);
    llvm::json::Object object{{"rule", one.rule},
                              {"file", llvm::json::fixUTF8(place.file)},
                              {"layer", llvm::json::fixUTF8(one.layer)},
                              {"reason", llvm::json::fixUTF8(one.reason)},
                              {"fix", llvm::json::fixUTF8(one.fix)}};
    if (place.line) {
      object["line"] = place.line;
      object["column"] = place.column;
    }
    list.push_back(std::move(object));
  }
  return print(std::move(list));
}

std::string findingsSarif(ArrayRef<nn::Advice> advice, StringRef run,
                          ArrayRef<AdviceRule> rules) {
  llvm::json::Array descriptions, results;
  for (const AdviceRule &rule : rules)
    descriptions.push_back(llvm::json::Object{
        {"id", rule.name},
        {"shortDescription", llvm::json::Object{{"text", rule.doc}}}});
  for (const nn::Advice &one : advice)
    results.push_back(resultOf(one, run));
  llvm::json::Object driver{{"name", "gradmill advise"},
                            {"version", GRADMILL_VERSION},
                            {"rules", std::move(descriptions)}};
  return print(llvm::json::Object{
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
      {"version", "2.1.0"},
      {"runs",
       llvm::json::Array{llvm::json::Object{
           {"tool", llvm::json::Object{{"driver", std::move(driver)}}},
           {"results", std::move(results)}}}}});
}

std::string rulesText(ArrayRef<AdviceRule> rules) {
  size_t width = 0;
  for (const AdviceRule &rule : rules)
    width = std::max(width, rule.name.size());
  std::string text;
  for (const AdviceRule &rule : rules)
    text += rule.name + std::string(width + 2 - rule.name.size(), ' ') + rule.doc +
            "\n";
  return text;
}

std::string rulesJson(ArrayRef<AdviceRule> rules) {
  llvm::json::Array list;
  for (const AdviceRule &rule : rules)
    list.push_back(llvm::json::Object{{"name", rule.name}, {"doc", rule.doc}});
  return print(std::move(list));
}

} // namespace gradmill::cli
