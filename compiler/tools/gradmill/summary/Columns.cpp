#include "Columns.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"

namespace gradmill::cli {

std::vector<std::string> headings(const Summary &all) {
  std::vector<std::string> names{"layer",  "op",   "output",       "parameters",
                                 "share",  "MACs", "with padding", "field",
                                 "jump",   "start", "forward",     "kept"};
  if (all.measured)
    names.push_back("time");
  return names;
}

static std::string percent(double part, double whole) {
  return part > 0 && whole > 0 ? llvm::formatv("{0:f1}%", 100 * part / whole).str()
                               : "";
}

std::vector<std::string> rowText(const Layer &layer, const Summary &all) {
  llvm::StringRef op = layer.op;
  op.consume_front("nn.");
  const LayerNumbers &n = layer.numbers;
  std::vector<std::string> row{
      layer.name,
      op.str(),
      layer.shape,
      std::to_string(n.parameters) + (n.tied ? "*" : ""),
      percent(double(n.parameters), double(all.total.parameters)),
      std::to_string(n.macs),
      std::to_string(n.macsWithPadding),
      fieldText(layer, &FieldAxis::field),
      fieldText(layer, &FieldAxis::jump),
      fieldText(layer, &FieldAxis::start),
      bytesText(n.bytes),
      bytesText(n.kept)};
  if (all.measured)
    row.push_back(percent(n.seconds, all.measured->step));
  return row;
}

Layer totalLayer(const Summary &all) {
  Layer total;
  total.name = "total";
  total.numbers = all.total;
  return total;
}

std::vector<std::string> totalText(const Summary &all) {
  std::vector<std::string> text = rowText(totalLayer(all), all);
  for (size_t column : {kField, kJump, kStart})
    text[column].clear();
  return text;
}

} // namespace gradmill::cli
