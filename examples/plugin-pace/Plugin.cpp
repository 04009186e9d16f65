// A section of the report: how long epochs took, and how far the loss fell in each.
#include "nn/Registry.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gradmill;

// HTML, without scripts and other files; "" leaves the section out.
static std::string body(const ReportedRun &run) {
  auto loss = run.epochs.find("loss"), seconds = run.epochs.find("seconds");
  if (loss == run.epochs.end() || seconds == run.epochs.end() || loss->second.size() < 2)
    return "";
  std::string rows;
  double before = 0;
  for (size_t i = 0; i < loss->second.size() && i < seconds->second.size(); ++i) {
    double at = seconds->second[i].second, value = loss->second[i].second;
    std::string fell = i ? llvm::formatv("{0:f4}", loss->second[i - 1].second - value).str() : "";
    rows += llvm::formatv("<tr><th scope=\"row\">{0}</th><td>{1:f2} s</td><td>{2}</td></tr>\n",
                          int64_t(loss->second[i].first), at - before, fell)
                .str();
    before = at;
  }
  return "<div class=\"scroll\"><table>\n<caption>Seconds of each epoch, and how far the loss "
         "fell</caption>\n<thead><tr><th scope=\"col\">Epoch</th><th scope=\"col\">Time</th><th "
         "scope=\"col\">Loss fell by</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></div>\n";
}

GRADMILL_PLUGIN(pace) {
  registry.reportSection({"pace", "Pace", "time and progress of each epoch", body});
}
