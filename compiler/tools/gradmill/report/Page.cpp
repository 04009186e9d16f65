// The report as one HTML file: no other file, no network, light or dark as the
// reader has it. Only while a run is going does it hold a script, which loads the
// file again.
#include "../Html.h"
#include "ReportFile.h"
#include "Sections.h"
#include "core/Number.h"
#include "data/Sha256.h"
#include "report/Terminal.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Base64.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

namespace gradmill::cli {
namespace {

// Colours of curves differ from the paper by 3:1 at least, texts by 4.5:1.
constexpr llvm::StringLiteral kStyle = R"css(
:root { color-scheme: light dark; --text: #1c2430; --soft: #56616f; --line: #d6dce4; --paper: #fff; --card: #f5f7fa; --accent: #1f5f9e; --meter: #2f78bd; --warn: #8a4b00; --good: #dcefe0; --m1: #fdf0e4; --m2: #f9d6b4; --m3: #f3b077; --m4: #e88a3c;
  --c0: #1f6fb2; --c1: #b8441a; --c2: #2b7d3f; --c3: #7b4fb0; --c4: #8a6100; --c5: #00798c; --c6: #a8326e; --c7: #5d6673; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6ebf2; --soft: #a2aebd; --line: #343d4a; --paper: #12161c; --card: #1b2129; --accent: #8cc0f5; --meter: #5ba0e0; --warn: #f0b35f; --good: #1e3d28; --m1: #33271b; --m2: #4d351d; --m3: #6b431a; --m4: #875010;
    --c0: #6cb2f0; --c1: #ff9a73; --c2: #7fd08f; --c3: #c6a5f2; --c4: #e0bb57; --c5: #55c7d6; --c6: #f08dbb; --c7: #a9b4c2; }
}
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--paper); margin: 0 auto; max-width: 74rem; padding: 1rem; overflow-wrap: anywhere; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
h1 { font-size: 1.5rem; margin: .2rem 0; line-height: 1.25; }
h2 { font-size: 1.2rem; margin: 0 0 .6rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
p { margin: .4rem 0; }
.soft, nav, .note { color: var(--soft); }
.warn { color: var(--warn); }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; padding: 0; margin: .6rem 0; }
nav a { display: inline-block; padding: .25rem 0; }
section { border-top: 1px solid var(--line); padding: 1.2rem 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .6rem; margin: .8rem 0; padding: 0; }
.tiles div { background: var(--card); border-radius: .5rem; padding: .6rem .8rem; }
.tiles dt { color: var(--soft); font-size: .85rem; }
.tiles dd { margin: 0; font-size: 1.2rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles dd small { display: block; font-size: .8rem; font-weight: 400; color: var(--soft); }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.2rem; }
figure { margin: 0; min-width: 0; }
.grid figcaption { font-weight: 600; }
svg.chart { display: block; width: 100%; height: auto; }
svg text { font: 13px system-ui, sans-serif; fill: var(--soft); }
svg .grid { stroke: var(--line); }
svg .axis { stroke: var(--soft); fill: none; }
svg .line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; stroke-dasharray: var(--d, none); }
svg .marks { fill: var(--c); stroke: var(--paper); stroke-width: 1; stroke-dasharray: none; }
.faint .line { stroke-width: 1; opacity: .75; stroke-dasharray: none; }
.c0 { --c: var(--c0); } .c1 { --c: var(--c1); --d: 7 3; } .c2 { --c: var(--c2); --d: 2 3; } .c3 { --c: var(--c3); --d: 9 3 2 3; }
.c4 { --c: var(--c4); --d: 12 4; } .c5 { --c: var(--c5); --d: 4 4; } .c6 { --c: var(--c6); --d: 1 4; } .c7 { --c: var(--c7); --d: 12 3 2 3 2 3; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; list-style: none; padding: 0; margin: .2rem 0 0; font-size: .85rem; }
.legend svg { vertical-align: middle; }
.legend b { font-variant-numeric: tabular-nums; }
.scroll { overflow: auto; max-width: 100%; }
.tall { max-height: 44rem; }
.tall thead th { position: sticky; top: 0; background: var(--paper); }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
th, td { padding: .25rem .7rem .25rem 0; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th { font-weight: 600; color: var(--soft); }
thead th { vertical-align: bottom; white-space: nowrap; }
tbody th { color: var(--text); }
td { white-space: nowrap; }
.t, tbody th { text-align: left; white-space: normal; }
thead .t { white-space: nowrap; }
.facts td, .facts th { text-align: left; }
.facts td { overflow-wrap: anywhere; min-width: 12rem; white-space: normal; }
.matrix td, .matrix th { padding: .2rem .45rem; border: 1px solid var(--line); text-align: center; }
.matrix .right { background: var(--good); font-weight: 600; }
.m1 { background: var(--m1); } .m2 { background: var(--m2); } .m3 { background: var(--m3); } .m4 { background: var(--m4); font-weight: 600; }
.meter { display: inline-block; width: 4rem; height: .6rem; background: var(--line); border-radius: .3rem; overflow: hidden; vertical-align: middle; }
.meter span { display: block; height: 100%; background: var(--meter); }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .8rem; list-style: none; padding: 0; }
.samples li { background: var(--card); border-radius: .5rem; padding: .5rem; min-width: 0; }
.samples img { image-rendering: pixelated; max-width: 49%; height: auto; margin-right: 1%; border-radius: .2rem; }
.samples figcaption { font-size: .9rem; line-height: 1.35; }
.advice { padding: 0; list-style: none; }
.advice li { background: var(--card); border-left: .25rem solid var(--warn); border-radius: .3rem; padding: .5rem .8rem; margin: .5rem 0; }
.advice p { margin: .15rem 0; }
summary { cursor: pointer; padding: .3rem 0; color: var(--accent); }
code, pre { font: .9em ui-monospace, monospace; }
pre { background: var(--card); border-radius: .4rem; padding: .6rem .8rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; }
svg.net { display: block; }
svg.net .box { fill: var(--card); stroke: var(--soft); }
svg.net .heavy { stroke: var(--c0); stroke-width: 2; }
svg.net .port { fill: var(--paper); stroke: var(--c2); stroke-width: 1.5; }
svg.net .block { fill: none; stroke: var(--c3); stroke-dasharray: 5 4; }
svg.net .edge { fill: none; stroke: var(--soft); stroke-width: 1.5; }
svg.net .head { fill: var(--soft); }
svg.net .name { font-weight: 600; fill: var(--text); }
svg.net .label { fill: var(--c3); font-weight: 600; }
svg.net .value { fill: var(--text); font-variant-numeric: tabular-nums; }
footer { border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem; padding: 1rem 0; }
@media print { nav, .live { display: none; } details > :not(summary) { display: block; } }
)css";

// Loads the page again while it says that its run is going: until it is older than
// its patience, because a run that was killed cannot say so.
constexpr llvm::StringLiteral kScript = R"js(
(function () {
  var page = document.documentElement.dataset;
  if (Date.now() / 1000 - page.written < page.patience)
    setTimeout(function () { location.reload(); }, 5000);
  else
    document.getElementById('live').textContent = 'There has been no news for a while: the run was probably killed. Reload the page to look again.';
})();
)js";

std::string timeText(double seconds) {
  time_t at = time_t(seconds);
  tm parts{};
  localtime_r(&at, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

// As Content-Security-Policy names a script: whatever a log holds, nothing else is
// run, and nothing is loaded.
std::string policyOf(bool live) {
  std::string policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
  if (!live)
    return policy;
  rt::Sha256 sha;
  sha.update(kScript.data(), kScript.size());
  std::string digest = llvm::fromHex(sha.finish());
  return policy + "; script-src 'sha256-" + llvm::encodeBase64(digest) + "'";
}

std::string text(const rt::Json *json) {
  if (!json || json->is_null())
    return "";
  return json->is_string() ? json->get<std::string>() : rt::jsonText(*json);
}

// "finished", "interrupted after step 5", "failed: ...".
std::string stateOf(const ReportData &data, const rt::LoggedRun &run) {
  if (data.liveAt > 0)
    return "running";
  if (run.end.is_null())
    return "no end in the log: it is going on, or was killed";
  if (std::string error = text(run.end.find("error")); !error.empty())
    return "failed: " + error;
  const rt::Json *interrupted = run.end.find("interrupted");
  return interrupted && interrupted->get<bool>()
             ? "interrupted after step " + text(run.end.find("step"))
             : "finished";
}

std::string plannedEpochs(const rt::LoggedRun &run) {
  const rt::Json *options = run.start.find("options");
  const rt::Json *epochs = options ? options->find("epochs") : nullptr;
  return epochs && epochs->is_number_integer() ? text(epochs) : "";
}

std::string header(const ReportData &data) {
  std::string body = "<header>\n<p class=\"soft\">Gradmill, report of " +
                     std::string(data.runs.size() == 1 ? "a run" : "runs") +
                     "</p>\n<h1>" + escaped(data.title) + "</h1>\n";
  if (data.comparison)
    return body + "</header>\n";
  const rt::LoggedRun &run = data.runs.back();
  std::string planned = plannedEpochs(run);
  body += "<p><b>" + escaped(stateOf(data, run)) + "</b>, epoch " +
          rt::fixedText(run.lastEpoch, 0) +
          (planned.empty() ? "" : " of " + planned) + "</p>\n";
  if (data.liveAt > 0)
    body += "<p class=\"live warn\" id=\"live\">Written at " + timeText(data.liveAt) +
            "; this page loads itself again until the run is over.</p>\n";
  return body + "</header>\n";
}

std::string contents(const ReportData &data, const std::string &sections) {
  std::string text = "<nav aria-label=\"Contents\"><ul>\n";
  std::vector<std::pair<std::string, std::string>> known = {
      {"comparison", "Runs"}, {"curves", "Curves"}, {"advice", "Advice"},
      {"classes", "Classes"}, {"wrong", "Mistakes"}, {"graph", "Graph"},
      {"speed", "Speed"}};
  for (const OwnSection &own : data.own)
    known.push_back({own.name, escaped(own.title)});
  known.push_back({"run", "Run"});
  for (const auto &[id, title] : known)
    if (llvm::StringRef(sections).contains("<section id=\"" + id + "\""))
      text += "<li><a href=\"#" + id + "\">" + title + "</a></li>\n";
  return text + "</ul></nav>\n";
}

std::string tile(const std::string &name, const std::string &value,
                 const std::string &below = "") {
  return "<div><dt>" + name + "</dt><dd>" + value +
         (below.empty() ? "" : "<small>" + below + "</small>") + "</dd></div>\n";
}

} // namespace

std::string grouped(int64_t number) {
  std::string digits = std::to_string(number), text;
  for (size_t i = 0; i < digits.size(); ++i)
    text += (i && (digits.size() - i) % 3 == 0 ? "," : "") + digits.substr(i, 1);
  return text;
}

std::string section(const std::string &id, const std::string &title,
                    const std::string &body) {
  return "<section id=\"" + id + "\" aria-labelledby=\"" + id + "-h\">\n<h2 id=\"" +
         id + "-h\">" + title + "</h2>\n" + body + "</section>\n";
}

std::string missingNote(const std::string &why) {
  return "<p class=\"note\">Not here: " + escaped(why) + ".</p>\n";
}

std::string htmlTable(const std::string &caption, const std::vector<std::string> &heads,
                      const std::vector<std::vector<std::string>> &rows,
                      size_t numbers, bool tall) {
  std::string text = std::string("<div class=\"scroll") + (tall ? " tall" : "") +
                     "\" role=\"region\" tabindex=\"0\" aria-label=\"" +
                     escaped(caption) + "\"><table>\n<caption>" + escaped(caption) +
                     "</caption>\n<thead><tr>";
  for (size_t i = 0; i < heads.size(); ++i)
    text += std::string("<th scope=\"col\"") + (i < numbers ? " class=\"t\"" : "") + ">" +
            heads[i] + "</th>";
  text += "</tr></thead>\n<tbody>\n";
  for (const auto &row : rows) {
    text += "<tr>";
    for (size_t i = 0; i < row.size(); ++i)
      text += i == 0          ? "<th scope=\"row\">" + row[i] + "</th>"
              : i < numbers ? "<td class=\"t\">" + row[i] + "</td>"
                            : "<td>" + row[i] + "</td>";
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string figuresOf(const ReportData &data) {
  if (data.comparison)
    return "";
  const rt::LoggedRun &run = data.runs.back();
  std::string tiles;
  std::string what = rt::chosenNumber(rt::namesIn(run));
  if (auto found = run.epochs.find(what); found != run.epochs.end()) {
    auto [epoch, best] = rt::bestOf(what, found->second);
    std::string name = what;
    for (char &c : name)
      c = c == '_' ? ' ' : c;
    tiles += tile(escaped(name), escaped(rt::valueText(what, found->second.back().second)),
                  "best " + escaped(rt::valueText(what, best)) + " in epoch " +
                      rt::fixedText(epoch, 0));
  }
  if (const double *loss = run.last("loss"))
    tiles += tile("loss in training", rt::fixedText(*loss, 4));
  if (const double *seconds = run.last("seconds"))
    tiles += tile("time", *seconds < 10 ? rt::fixedText(*seconds, 1) + " s"
                                        : rt::durationText(*seconds));
  if (const double *rate = run.last("samples_per_second"))
    tiles += tile("samples a second",
                  std::fabs(*rate) < 1e15 ? grouped(int64_t(*rate)) : "–", "in training");
  if (data.graph.value)
    tiles += tile("parameters", grouped(data.graph.value->total.parameters),
                  bytesText(data.graph.value->total.macs) + " multiply-adds a sample");
  if (data.answers.value)
    tiles += tile("mistakes", grouped(data.answers.value->mistakes),
                  "of " + grouped(data.answers.value->calibration.samples) +
                      " test samples");
  return tiles.empty() ? "" : "<dl class=\"tiles\">\n" + tiles + "</dl>\n";
}

std::string adviceSection(const Part<std::vector<Finding>> &advice) {
  if (!advice.value)
    return advice.missing.empty()
               ? ""
               : section("advice", "Advice", missingNote(advice.missing));
  if (advice.value->empty())
    return section("advice", "Advice", "<p>No rule has found anything.</p>\n");
  std::string text = "<ul class=\"advice\">\n";
  for (const Finding &one : *advice.value)
    text += "<li><p><code>" + escaped(one.rule) + "</code> <span class=\"soft\">" +
            escaped(one.place) + (one.place.empty() || one.layer.empty() ? "" : ", ") +
            escaped(one.layer) + "</span></p>\n<p>" + escaped(one.reason) +
            ".</p>\n<p><b>Better:</b> " + escaped(one.fix) + ".</p></li>\n";
  return section("advice", "Advice", text + "</ul>\n");
}

std::string speedSection(const rt::LoggedRun &run, const Part<Speed> &speed) {
  std::string body;
  if (const double *rate = run.last("samples_per_second"); rate && std::fabs(*rate) < 1e15)
    body += "<p>Training: " + grouped(int64_t(*rate)) +
            " samples a second, evaluation not counted.</p>\n";
  if (!speed.value)
    return section("speed", "Speed",
                   body + (speed.missing.empty() ? "" : missingNote(speed.missing)));
  const Speed &s = *speed.value;
  auto percent = [](double share) { return rt::fixedText(100 * share, 1) + " %"; };
  body += llvm::formatv("<p>The kernels of <code>{0}</code>, timed after the run: batch {1}, {2} "
                        "thread{3}, {4:f3} ms a step, {5:f1} % of it between kernels. The "
                        "machine's measured peak: {6:f1} GFLOP/s ({7}, f32). At that peak "
                        "the multiply-adds alone would take {8:f1} % of the step. "
                        "A convolution in Winograd's form does fewer of them than are "
                        "counted, and may pass 100 %.</p>\n",
                        escaped(s.entry), s.batch, s.threads, s.threads == 1 ? "" : "s",
                        1e3 * s.step, 100 * s.between / s.step, s.peakGflops,
                        escaped(s.isa), 100 * s.ofBound)
              .str();
  std::vector<std::vector<std::string>> rows;
  for (const KernelRow &k : s.kernels)
    rows.push_back({escaped(k.name), escaped(k.at),
                    rt::fixedText(1e3 * k.seconds, 3), percent(k.share),
                    k.gflops > 0 ? rt::fixedText(k.gflops, 1) : "–",
                    k.gflops > 0 ? percent(k.peak) : "–"});
  return section("speed", "Speed",
                 body + htmlTable("Kernels of a step, the slowest first",
                                  {"kernel", "at", "ms", "of the step", "GFLOP/s",
                                   "of the peak"},
                                  rows, 2, /*tall=*/true));
}

std::string runSection(const rt::LoggedRun &run) {
  if (run.start.is_null())
    return section("run", "Run",
                   missingNote("the log does not begin with the line of a run, so it "
                               "does not say what was run"));
  std::string body;
  const rt::Json *about = run.start.find("about");
  std::vector<std::pair<std::string, std::string>> facts;
  if (about && about->is_object()) {
    if (std::string command = text(about->find("command")); !command.empty())
      body += "<p>The command:</p>\n<pre>" + escaped(command) + "</pre>\n";
    for (const auto &[name, value] : about->items())
      if (name != "command")
        facts.push_back({name, text(&value)});
  }
  for (double step : run.resumedAt)
    facts.push_back({"resumed at step", rt::fixedText(step, 0)});
  for (const auto &[name, value] : rt::factsOf(run))
    facts.push_back({name, value});
  std::string rows;
  for (auto &[name, value] : facts)
    if (!value.empty())
      rows += "<tr><th scope=\"row\">" + escaped(name) + "</th><td>" + escaped(value) +
              "</td></tr>\n";
  return section("run", "Run",
                 body + "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
                        "aria-label=\"Facts of the run\"><table "
                        "class=\"facts\"><caption>Seed, versions, machine, "
                        "options</caption><tbody>\n" +
                     rows + "</tbody></table></div>\n");
}

std::string graphSection(const Part<Summary> &graph) {
  if (!graph.value)
    return graph.missing.empty()
               ? ""
               : section("graph", "Graph", missingNote(graph.missing));
  const Summary &all = *graph.value;
  return section(
      "graph", "Graph",
      "<p>" + escaped(all.graph) + ": " + grouped(all.total.parameters) +
          " parameters, " + grouped(all.total.macs) + " multiply-adds a sample.</p>\n" +
          "<div class=\"scroll tall\" role=\"region\" tabindex=\"0\" aria-label=\"The graph "
          "as a picture\">\n" +
          graphPicture(all) + "</div>\n");
}

// What plugins add; a section without content is left out.
static std::string ownSections(const ReportData &data, const rt::LoggedRun &run) {
  std::string text;
  for (const OwnSection &own : data.own)
    if (std::string body = own.body(run); !body.empty())
      text += section(own.name, escaped(own.title), body);
  return text;
}

std::string reportPage(const ReportData &data) {
  bool live = data.liveAt > 0;
  std::string sections;
  if (data.runs.size() > 1)
    sections += comparisonSection(data.runs);
  if (data.comparison) {
    sections += curvesOfRunsSection(data.runs);
  } else {
    const rt::LoggedRun &run = data.runs.back();
    sections += curvesSection(run) + adviceSection(data.advice) + answersSection(data.answers) +
                wrongSection(data.answers) + graphSection(data.graph) +
                speedSection(run, data.speed) + ownSections(data, run) +
                runSection(run);
  }
  std::string attributes, mark;
  if (const rt::Json *graph = data.runs.back().start.find("graph");
      graph && graph->is_string() && !data.comparison)
    mark = reportMark(graph->get<std::string>()) + "\n";
  if (live)
    attributes = llvm::formatv(" data-written=\"{0:f0}\" data-patience=\"{1:f0}\"",
                               data.liveAt, data.patience);
  return "<!DOCTYPE html>\n<html lang=\"en\"" + attributes +
         ">\n<head>\n<meta charset=\"utf-8\">\n" +
         mark +
         "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
         policyOf(live) +
         "\">\n<meta name=\"viewport\" content=\"width=device-width, "
         "initial-scale=1\">\n<title>" +
         escaped(data.title) + "</title>\n<style>" + kStyle.str() +
         "</style>\n</head>\n<body>\n" + header(data) + contents(data, sections) + "<main>\n" +
         figuresOf(data) + sections +
         "</main>\n<footer>Made by Gradmill. This file needs no other file and no "
         "network.</footer>\n" +
         (live ? "<script>" + kScript.str() + "</script>\n" : "") +
         "</body>\n</html>\n";
}

} // namespace gradmill::cli
