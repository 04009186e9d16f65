// The section @name@ of a run's report: how far the loss fell from the first epoch to
// the last.
#include "nn/Registry.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gradmill;

// HTML, without scripts and other files; "" leaves the section out.
static std::string body(const ReportedRun &run) {
  auto loss = run.epochs.find("loss");
  if (loss == run.epochs.end() || loss->second.size() < 2)
    return "";
  return llvm::formatv("<p>The loss fell from {0:f4} to {1:f4}.</p>\n", loss->second.front().second,
                       loss->second.back().second);
}

GRADMILL_PLUGIN(@name@) {
  registry.reportSection({"@name@", "How far the loss fell", "first epoch and last", body});
}
