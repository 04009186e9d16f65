#include "ReportFile.h"
#include "../Html.h"
#include "files/Paths.h"
#include "report/Terminal.h"
#include "llvm/ADT/StringRef.h"
#include <cstdio>

namespace gradmill::cli {
namespace {
// The mark stands in the head, before the style.
constexpr size_t kHead = 2048;

std::string headOf(const std::string &path) {
  std::string head(kHead, '\0');
  std::FILE *file = std::fopen(path.c_str(), "rb");
  head.resize(file ? std::fread(head.data(), 1, head.size(), file) : 0);
  if (file)
    std::fclose(file);
  return head;
}
} // namespace

std::string reportBeside(const std::string &checkpoint) {
  llvm::StringRef stem = checkpoint;
  stem.consume_back(".safetensors");
  stem.consume_back(".ckpt");
  return stem.str() + ".report.html";
}

std::string reportMark(const std::string &graph) {
  return "<meta name=\"gradmill-graph\" content=\"" + escaped(graph) + "\">";
}

rt::Status checkReportReplaces(const std::string &path, const std::string &graph) {
  if (!rt::isRegularFile(path))
    return rt::ok; // not there, or what writing it will report
  std::string head = headOf(path);
  llvm::StringRef text = head;
  if (text.empty() || text.contains(reportMark(graph)))
    return rt::ok;
  bool page = text.contains("<meta name=\"gradmill-graph\"");
  return rt::Error{rt::kUsage, "report_exists",
                   rt::printable(path) +
                       (page ? ": is the report of another net"
                             : ": is no report that gradmill train has written") +
                       "; name another file with --report, replace it with "
                       "--overwrite, or leave the report out with --no-report"};
}

} // namespace gradmill::cli
