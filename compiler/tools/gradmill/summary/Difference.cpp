// Two summaries side by side: layers that are in one alone, and what others have
// otherwise. Layers are paired like lines of two texts, by path and op.
#include "Columns.h"
#include "Summary.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

namespace gradmill::cli {
namespace {

void collect(const std::vector<Layer> &layers, std::vector<const Layer *> &rows) {
  for (const Layer &layer : layers)
    if (layer.layers.empty())
      rows.push_back(&layer);
    else
      collect(layer.layers, rows);
}

bool isPair(const Layer &a, const Layer &b) {
  return a.op == b.op && a.path == b.path;
}

using Pair = std::pair<const Layer *, const Layer *>; // null: in one alone

// The longest common subsequence. Equal beginnings and ends need no table, so
// that large nets with few differences are quick; of more than kMost rows
// between them, all differ.
std::vector<Pair> pairUp(llvm::ArrayRef<const Layer *> a,
                         llvm::ArrayRef<const Layer *> b) {
  constexpr size_t kMost = 4000;
  std::vector<Pair> pairs, ends;
  while (!a.empty() && !b.empty() && isPair(*a.front(), *b.front())) {
    pairs.push_back({a.front(), b.front()});
    a = a.drop_front();
    b = b.drop_front();
  }
  while (!a.empty() && !b.empty() && isPair(*a.back(), *b.back())) {
    ends.push_back({a.back(), b.back()});
    a = a.drop_back();
    b = b.drop_back();
  }
  size_t n = a.size(), m = b.size();
  std::vector<uint32_t> common((n + 1) * (n && m && n * m <= kMost * kMost ? m + 1 : 0));
  auto at = [&](size_t i, size_t j) -> uint32_t & { return common[i * (m + 1) + j]; };
  if (!common.empty())
    for (size_t i = n; i-- > 0;)
      for (size_t j = m; j-- > 0;)
        at(i, j) = isPair(*a[i], *b[j]) ? at(i + 1, j + 1) + 1
                                        : std::max(at(i + 1, j), at(i, j + 1));
  size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (!common.empty() && i < n && j < m && isPair(*a[i], *b[j]))
      pairs.push_back({a[i++], b[j++]});
    else if (i < n && (common.empty() || j == m || at(i + 1, j) >= at(i, j + 1)))
      pairs.push_back({a[i++], nullptr});
    else
      pairs.push_back({nullptr, b[j++]});
  }
  pairs.insert(pairs.end(), ends.rbegin(), ends.rend());
  return pairs;
}

std::vector<Pair> pairsOf(const Summary &before, const Summary &after) {
  std::vector<const Layer *> a, b;
  collect(before.layers, a);
  collect(after.layers, b);
  return pairUp(a, b);
}

// "parameters 144 -> 288": what a pair has otherwise.
std::vector<std::string> changes(const Layer &a, const Layer &b) {
  std::vector<std::string> all;
  auto compare = [&](llvm::StringRef what, const std::string &x,
                     const std::string &y) {
    if (x != y)
      all.push_back((what + " " + x + " -> " + y).str());
  };
  auto count = [](int64_t number) { return std::to_string(number); };
  compare("output", a.shape, b.shape);
  compare("parameters", count(a.numbers.parameters), count(b.numbers.parameters));
  compare("MACs", count(a.numbers.macs), count(b.numbers.macs));
  compare("field", fieldText(a, &FieldAxis::field), fieldText(b, &FieldAxis::field));
  compare("jump", fieldText(a, &FieldAxis::jump), fieldText(b, &FieldAxis::jump));
  compare("start", fieldText(a, &FieldAxis::start), fieldText(b, &FieldAxis::start));
  return all;
}

std::string opName(const Layer &layer) {
  llvm::StringRef op = layer.op.empty() ? "block" : llvm::StringRef(layer.op);
  op.consume_front("nn.");
  return (layer.path.empty() ? "" : layer.path + " ") + op.str();
}

// "13808 -> 14250 (+3.2%)"
std::string change(int64_t a, int64_t b) {
  if (a == b)
    return std::to_string(a) + ", the same";
  std::string text = std::to_string(a) + " -> " + std::to_string(b);
  if (a > 0)
    text += llvm::formatv(" ({0}{1:f1}%)", b > a ? "+" : "",
                          100.0 * double(b - a) / double(a));
  return text;
}
} // namespace

std::string summaryDifference(const Summary &before, const Summary &after) {
  std::string text;
  auto alone = [&](const char *sign, const Layer &layer) {
    text += std::string(sign) + " " + opName(layer) + ": output " + layer.shape +
            ", parameters " + std::to_string(layer.numbers.parameters) +
            ", MACs " + std::to_string(layer.numbers.macs) + ", field " +
            fieldText(layer, &FieldAxis::field) + "\n";
  };
  for (auto [a, b] : pairsOf(before, after)) {
    if (!b)
      alone("-", *a);
    else if (!a)
      alone("+", *b);
    else if (auto all = changes(*a, *b); !all.empty())
      text += "~ " + opName(*b) + ": " + llvm::join(all, ", ") + "\n";
  }
  if (text.empty())
    text = "every layer is the same\n";
  return "--- " + before.graph + "\n+++ " + after.graph + "\n" + text +
         "parameters " + change(before.total.parameters, after.total.parameters) +
         "\nMACs " + change(before.total.macs, after.total.macs) +
         "\nbytes alive at once " + change(before.peakBytes, after.peakBytes) + "\n";
}

std::string summaryDifferenceJson(const Summary &before, const Summary &after) {
  llvm::json::Array layers;
  for (auto [a, b] : pairsOf(before, after)) {
    std::vector<std::string> all;
    if (a && b && (all = changes(*a, *b)).empty())
      continue;
    llvm::json::Object object{{"name", (b ? b : a)->path},
                              {"op", (b ? b : a)->op},
                              {"in", !a ? "after" : !b ? "before" : "both"}};
    if (!all.empty())
      object["changes"] = llvm::json::Array(all);
    layers.push_back(std::move(object));
  }
  auto totals = [](const Summary &s) {
    return llvm::json::Object{{"graph", s.graph},
                              {"parameters", s.total.parameters},
                              {"macs", s.total.macs},
                              {"macs_with_padding", s.total.macsWithPadding},
                              {"peak_bytes", s.peakBytes}};
  };
  return llvm::formatv("{0:2}\n",
                       llvm::json::Value(llvm::json::Object{
                           {"before", totals(before)},
                           {"after", totals(after)},
                           {"layers", std::move(layers)}}))
      .str();
}

} // namespace gradmill::cli
