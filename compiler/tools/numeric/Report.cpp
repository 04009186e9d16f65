#include "compiler/tools/numeric/Check.h"
#include "llvm/Support/FormatVariadic.h"

namespace gradmill::numeric {

static std::string elementText(const Fault &fault) {
  std::string text;
  for (int64_t i : fault.element)
    text += (text.empty() ? "" : ", ") + std::to_string(i);
  return "[" + text + "]";
}

// "  backward: nn.swish_backward at net.net:4:16: result #0, element [3, 1]:
// expected 0.5, got 0.25, tolerance 2e-04"
static std::string textOf(const Fault &fault) {
  std::string where = fault.op;
  if (!fault.place.empty())
    where += " at " + fault.place;
  return llvm::formatv("  {0}: {1}{2}{3}, element {4}: expected {5:g}, got {6:g}, "
                       "tolerance {7:e1}\n",
                       fault.what, where, where.empty() ? "" : ": ",
                       fault.value, elementText(fault), fault.expected,
                       fault.got, fault.tolerance)
      .str();
}

std::string textOf(const FunctionReport &report) {
  std::string line = (report.good ? "ok " : "FAILED ") + report.name + ":";
  for (const std::string &what : report.recorded)
    line += " " + what + " recorded";
  for (const auto &[what, difference] : report.parts)
    line += llvm::formatv(" {0} {1:e1}", what, difference).str();
  if (report.checkedOps)
    line += " (" + std::to_string(report.checkedOps) +
            (report.checkedOps == 1 ? " op)" : " ops)");
  line += "\n";
  for (const Fault &fault : report.faults)
    line += textOf(fault);
  return line;
}

// JSON has no infinities.
static llvm::json::Value number(double value) {
  if (std::isfinite(value))
    return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

llvm::json::Object jsonOf(const FunctionReport &report) {
  llvm::json::Object differences;
  for (const auto &[what, difference] : report.parts)
    differences[what] = number(difference);
  llvm::json::Array faults;
  for (const Fault &fault : report.faults)
    faults.push_back(llvm::json::Object{
        {"what", fault.what},
        {"op", fault.op.empty() ? llvm::json::Value(nullptr) : fault.op},
        {"place", fault.place.empty() ? llvm::json::Value(nullptr) : fault.place},
        {"value", fault.value},
        {"element", llvm::json::Array(fault.element)},
        {"expected", number(fault.expected)},
        {"got", number(fault.got)},
        {"tolerance", number(fault.tolerance)}});
  return llvm::json::Object{{"name", report.name},
                            {"ok", report.good},
                            {"differences", std::move(differences)},
                            {"finite_ops", report.checkedOps},
                            {"faults", std::move(faults)}};
}

} // namespace gradmill::numeric
