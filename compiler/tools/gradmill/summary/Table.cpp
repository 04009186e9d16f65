// The summary for a terminal, and for programs.
#include "Columns.h"
#include "Summary.h"
#include "report/Table.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

namespace gradmill::cli {
namespace {

using llvm::StringRef;

void addRows(std::vector<rt::TableRow> &table, const std::vector<Layer> &layers, int depth,
             const Summary &all) {
  for (const Layer &layer : layers) {
    std::vector<std::string> row = rowText(layer, all);
    // Not every layer has a name: ops show how deep they stand, too.
    std::string indent(size_t(depth) * 2, ' ');
    for (size_t column : {kName, kOp})
      row[column] = row[column].empty() ? "" : indent + row[column];
    table.push_back(std::move(row));
    addRows(table, layer.layers, depth + 1, all);
  }
}

std::string portLines(StringRef kind, const std::vector<SummaryPort> &ports) {
  std::string text;
  for (const SummaryPort &port : ports)
    text += (kind + " " + port.name + ": " +
             (port.shape.empty() ? "one number" : port.shape) +
             (port.note.empty() ? "" : "; " + port.note) + "\n")
                .str();
  return text;
}

// What the total is of, in memory.
std::string memoryLines(const Summary &all) {
  std::string text = llvm::formatv(
      "memory: model {0}; forward at most {1} per sample", bytesText(all.modelBytes),
      bytesText(all.peakBytes));
  if (all.total.kept >= 0)
    text += llvm::formatv(
        "; training keeps {0} per sample, and gradients {1}, optimizer {2}",
        bytesText(all.total.kept), bytesText(all.gradientBytes),
        bytesText(all.stateBytes));
  text += "\n";
  if (!all.untrainable.empty())
    text += "kept is not known: " + all.untrainable + "\n";
  if (all.measured)
    text += llvm::formatv(
        "measured: {0}, batch {1}, {2}, {3} thread{4}: {5:f3} ms a step{6}; "
        "arena {7}\n",
        all.measured->entry, all.measured->batch, all.measured->cpu,
        all.measured->threads, all.measured->threads == 1 ? "" : "s",
        all.measured->step * 1e3,
        all.measured->elsewhere > 0
            ? llvm::formatv(", of which {0:f1}% belong to no layer",
                            100 * all.measured->elsewhere / all.measured->step)
                  .str()
            : "",
        bytesText(all.measured->arenaBytes));
  return text;
}

llvm::json::Array axes(const Layer &layer, double FieldAxis::*size) {
  llvm::json::Array list;
  for (const FieldAxis &axis : layer.field)
    list.push_back(axis.*size);
  return list;
}

void addObjects(llvm::json::Array &ops, const std::vector<Layer> &layers,
                const Summary &all) {
  for (const Layer &r : layers) {
    const LayerNumbers &n = r.numbers;
    llvm::json::Object object{
        {"name", r.path},
        {"op", r.op},
        {"at", r.place},
        {"shape", r.shape},
        {"parameters", n.parameters},
        {"tied_parameters", n.tied},
        {"macs", n.macs},
        {"macs_with_padding", n.macsWithPadding},
        {"receptive_field", axes(r, &FieldAxis::field)},
        {"jump", axes(r, &FieldAxis::jump)},
        {"start", axes(r, &FieldAxis::start)},
        {"bytes", n.bytes}};
    if (n.kept >= 0)
      object["kept_bytes"] = n.kept;
    if (all.measured) {
      object["seconds"] = n.seconds;
      object["kernels"] = llvm::json::Array(r.kernels);
    }
    if (r.op.empty()) {
      object.erase("op");
      llvm::json::Array inside;
      addObjects(inside, r.layers, all);
      object["layers"] = std::move(inside);
    }
    ops.push_back(std::move(object));
  }
}

llvm::json::Array portObjects(const std::vector<SummaryPort> &ports) {
  llvm::json::Array list;
  for (const SummaryPort &port : ports)
    list.push_back(llvm::json::Object{
        {"name", port.name}, {"shape", port.shape}, {"note", port.note}});
  return list;
}

// The ops of all blocks, in order.
std::vector<Layer> flat(const std::vector<Layer> &layers) {
  std::vector<Layer> all;
  for (const Layer &layer : layers)
    if (layer.layers.empty())
      all.push_back(layer);
    else
      llvm::append_range(all, flat(layer.layers));
  return all;
}
} // namespace

std::string summaryTable(const Summary &all) {
  std::vector<rt::TableRow> table{headings(all)};
  addRows(table, all.layers, 0, all);
  table.push_back(totalText(all));
  std::string text = portLines("input", all.inputs);
  text += portLines("output", all.outputs) + "\n" +
          rt::tableText(table, {kName, kOp, kOutput});
  if (!all.tied.empty())
    text += "* and parameters that a line above has counted: " +
            llvm::join(all.tied, ", ") + "\n";
  return text + "\n" + memoryLines(all);
}

std::string summaryJson(const Summary &all) {
  llvm::json::Array ops, tree;
  addObjects(ops, flat(all.layers), all);
  addObjects(tree, all.layers, all);
  llvm::json::Object object{
      {"inputs", portObjects(all.inputs)},
      {"outputs", portObjects(all.outputs)},
      {"ops", std::move(ops)},
      {"tree", std::move(tree)},
      {"parameters", all.total.parameters},
      {"tied", llvm::json::Array(all.tied)},
      {"macs", all.total.macs},
      {"macs_with_padding", all.total.macsWithPadding},
      {"model_bytes", all.modelBytes},
      {"gradient_bytes", all.gradientBytes},
      {"peak_bytes", all.peakBytes}};
  if (all.total.kept >= 0) {
    object["kept_bytes"] = all.total.kept;
    object["optimizer_bytes"] = all.stateBytes;
  } else {
    object["untrainable"] = all.untrainable;
  }
  if (all.measured)
    object["measured"] =
        llvm::json::Object{{"entry", all.measured->entry},
                           {"cpu", all.measured->cpu},
                           {"batch", all.measured->batch},
                           {"threads", all.measured->threads},
                           {"arena_bytes", all.measured->arenaBytes},
                           {"seconds", all.measured->step},
                           {"elsewhere_seconds", all.measured->elsewhere}};
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(object))).str();
}

} // namespace gradmill::cli
