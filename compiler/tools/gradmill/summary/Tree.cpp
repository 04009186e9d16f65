// Blocks: sums of their layers, and rows that stand for all of them.
#include "Summary.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"

namespace gradmill::cli {

void LayerNumbers::add(const LayerNumbers &other) {
  parameters += other.parameters;
  tied += other.tied;
  macs += other.macs;
  macsWithPadding += other.macsWithPadding;
  bytes += other.bytes;
  kept = kept < 0 || other.kept < 0 ? -1 : kept + other.kept;
  seconds += other.seconds;
}

static void addUp(Layer &layer) {
  if (!layer.op.empty())
    return;
  layer.numbers = {};
  for (Layer &inside : layer.layers) {
    addUp(inside);
    layer.numbers.add(inside.numbers);
  }
  const Layer &last = layer.layers.back();
  layer.shape = last.shape;
  layer.field = last.field;
  layer.seesPicture = last.seesPicture;
  layer.place = layer.layers.front().place;
}

void addUp(Summary &summary) {
  summary.total = {};
  for (Layer &layer : summary.layers) {
    addUp(layer);
    summary.total.add(layer.numbers);
  }
}

static void collapse(std::vector<Layer> &layers, int64_t depth) {
  for (Layer &layer : layers)
    if (depth <= 1)
      layer.layers.clear();
    else
      collapse(layer.layers, depth - 1);
}

Summary collapsed(Summary summary, int64_t depth) {
  if (depth > 0)
    collapse(summary.layers, depth);
  return summary;
}

// At most two digits behind the point, and none that say nothing.
static std::string shortNumber(double number) {
  std::string text = llvm::formatv("{0:f2}", number);
  return llvm::StringRef(text).rtrim('0').rtrim('.').str();
}

std::string fieldText(const Layer &layer, double FieldAxis::*size) {
  if (!layer.seesPicture)
    return "-";
  if (layer.field.empty())
    return "0";
  bool isSquare = llvm::all_of(layer.field, [&](const FieldAxis &axis) {
    return axis.*size == layer.field[0].*size;
  });
  std::string text;
  for (const FieldAxis &axis :
       llvm::ArrayRef(layer.field).take_front(isSquare ? 1 : layer.field.size()))
    text += (text.empty() ? "" : "x") + shortNumber(axis.*size);
  return text;
}

std::string bytesText(int64_t bytes) {
  if (bytes < 0)
    return "-";
  if (bytes < 1024)
    return std::to_string(bytes);
  double size = double(bytes);
  const char *units = "KMGT";
  for (size /= 1024; size >= 999.95 && units[1]; size /= 1024)
    ++units;
  return llvm::formatv(size < 99.95 ? "{0:f1}{1}" : "{0:f0}{1}", size, *units)
      .str();
}

} // namespace gradmill::cli
