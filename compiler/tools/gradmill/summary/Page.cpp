// The summary as a page: one file, no scripts, blocks that open and close.
#include "../Html.h"
#include "Columns.h"
#include "Summary.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FormatVariadic.h"

namespace gradmill::cli {
namespace {

constexpr llvm::StringLiteral kStyle = R"css(
:root { color-scheme: light dark; --text: #1c2430; --soft: #5b6675; --line: #d9dee5; --paper: #fff; --hover: #f2f5f9; --bar: #c7dcf5; --block: #24578f; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e3e8ef; --soft: #98a4b5; --line: #323b48; --paper: #14181f; --hover: #1d232d; --bar: #2b4a70; --block: #8fbff5; }
}
body { font: 14px/1.5 system-ui, sans-serif; color: var(--text); background: var(--paper); margin: 2em auto; max-width: 96em; padding: 0 1.5em; }
h1 { font-size: 1.4em; margin: 0 0 .4em; }
p, ul { color: var(--soft); margin: .3em 0; }
ul { padding-left: 1.2em; }
b { color: var(--text); font-weight: 600; }
.net { overflow-x: auto; margin: 1.2em 0; }
.net > div { min-width: 74em; }
.row { display: grid; grid-template-columns: minmax(15em, 1.6fr) 10em 8em repeat(COLUMNS, minmax(4.6em, 1fr)); gap: 0 .7em; padding: .15em .4em; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
.row > span { text-align: right; white-space: nowrap; }
.row > span:nth-child(-n+3) { text-align: left; overflow: hidden; text-overflow: ellipsis; }
.row:hover { background: var(--hover); }
.head { color: var(--soft); border-bottom: 2px solid var(--line); }
.total { font-weight: 600; border-top: 2px solid var(--line); }
.bar { background: linear-gradient(to left, var(--bar) var(--part), transparent var(--part)); }
details > summary { list-style: none; cursor: pointer; font-weight: 600; }
details > summary > span:first-child { color: var(--block); }
details > summary > span:first-child::before { content: "\25b8"; display: inline-block; width: 1em; }
details[open] > summary > span:first-child::before { content: "\25be"; }
)css";

std::string rowCells(const std::vector<std::string> &cells, const Layer &layer,
                     int depth) {
  std::string text;
  for (size_t i = 0; i < cells.size(); ++i) {
    std::string style, hint;
    llvm::StringRef cell = llvm::StringRef(cells[i]).ltrim();
    if (i == kName || i == kOp)
      style = llvm::formatv(" style=\"padding-left:{0:f1}em\"", 1.2 * depth);
    if (i == kName) {
      if (!layer.place.empty())
        hint = " title=\"" + escaped(layer.path + " at " + layer.place) + "\"";
    } else if (cell.ends_with("%")) {
      style = (" class=\"bar\" style=\"--part:" + cell + "\"").str();
      if (i == kTime) {
        std::string kernels;
        for (const std::string &kernel : layer.kernels)
          kernels += (kernels.empty() ? "" : "; ") + kernel;
        hint = " title=\"" + escaped(kernels) + "\"";
      }
    }
    text += "<span" + style + hint + ">" + escaped(cell) + "</span>";
  }
  return text;
}

void addRows(std::string &text, const std::vector<Layer> &layers, int depth,
             const Summary &all) {
  for (const Layer &layer : layers) {
    std::string cells = rowCells(rowText(layer, all), layer, depth);
    if (layer.layers.empty()) {
      text += "<div class=\"row\">" + cells + "</div>\n";
      continue;
    }
    text += "<details open><summary class=\"row\">" + cells + "</summary>\n";
    addRows(text, layer.layers, depth + 1, all);
    text += "</details>\n";
  }
}

void addPorts(std::string &text, llvm::StringRef kind,
              const std::vector<SummaryPort> &ports) {
  for (const SummaryPort &port : ports)
    text += "<li>" + kind.str() + " <b>" + escaped(port.name) + "</b> " +
            escaped(port.shape) +
            (port.note.empty() ? "" : ", " + escaped(port.note)) + "</li>\n";
}

std::string grouped(int64_t number) {
  std::string digits = std::to_string(number), text;
  for (size_t i = 0; i < digits.size(); ++i)
    text += (i && (digits.size() - i) % 3 == 0 ? "," : "") + digits.substr(i, 1);
  return text;
}
} // namespace

std::string summaryPage(const Summary &all) {
  std::vector<std::string> heads = headings(all);
  std::string style = kStyle.str();
  std::string columns = std::to_string(heads.size() - 3);
  style.replace(style.find("COLUMNS"), 7, columns);
  std::string name = escaped(all.graph);
  std::string text = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                     "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
                     name + "</title><style>" + style +
                     "</style></head><body>\n<h1>" + name + "</h1>\n<p><b>" +
                     grouped(all.total.parameters) + "</b> parameters, <b>" +
                     grouped(all.total.macs) +
                     "</b> multiply-adds a sample (<b>" +
                     grouped(all.total.macsWithPadding) +
                     "</b> with those by padding)</p>\n<ul>\n";
  addPorts(text, "input", all.inputs);
  addPorts(text, "output", all.outputs);
  text += "<li>memory: model " + bytesText(all.modelBytes) +
          ", forward at most " + bytesText(all.peakBytes) + " a sample";
  if (all.total.kept >= 0)
    text += ", kept for the backward pass " + bytesText(all.total.kept) +
            " a sample, optimizer " + bytesText(all.stateBytes);
  text += "</li>\n";
  if (!all.untrainable.empty())
    text += "<li>what training keeps is not known: " + escaped(all.untrainable) +
            "</li>\n";
  if (all.measured)
    text += llvm::formatv("<li>measured: {0}, batch {1}, {2}, {3} threads, {4:f3} "
                          "ms a step</li>\n",
                          escaped(all.measured->entry), all.measured->batch,
                          escaped(all.measured->cpu), all.measured->threads,
                          all.measured->step * 1e3)
                .str();
  text += "</ul>\n<div class=\"net\"><div>\n<div class=\"row head\">";
  for (const std::string &head : heads)
    text += "<span>" + head + "</span>";
  text += "</div>\n";
  addRows(text, all.layers, 0, all);
  text += "<div class=\"row total\">" + rowCells(totalText(all), totalLayer(all), 0) +
          "</div>\n</div></div>\n";
  if (!all.tied.empty()) {
    text += "<p>* and parameters that a line above has counted:";
    for (const std::string &tied : all.tied)
      text += " " + escaped(tied);
    text += "</p>\n";
  }
  return text + "<p>Field, jump and start are in pixels of the input, bytes and "
                "multiply-adds those of one sample.</p>\n</body></html>\n";
}

} // namespace gradmill::cli
