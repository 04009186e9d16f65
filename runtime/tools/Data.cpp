#include "tools/Data.h"

#include "report/Terminal.h"

#include <cstdio>
#include <unistd.h>

namespace gradmill::rt {

Result<std::string> (*resolveDataName)(const std::string &,
                                       const DataOptions &) = nullptr;

Result<DatasetSplit> openDataFor(const std::string &spec,
                                 const std::string &cacheDir,
                                 bool allowDownload, uint64_t maxUnpack,
                                 bool quiet) {
  Terminal terminal = Terminal::of(STDERR_FILENO);
  bool drawn = false;
  DataOptions options;
  options.cacheDir = cacheDir;
  options.allowDownload = allowDownload;
  options.maxUnpack = maxUnpack;
  options.quiet = quiet;
  // Drawn digits always have the same seed, so accuracies stay comparable if
  // only --seed changes.
  options.seed = 1;
  options.message = [&](const std::string &text) {
    if (!quiet)
      std::fprintf(stderr, "%s%s\n", drawn ? "\r\033[K" : "",
                   printable(text).c_str());
    drawn = false;
  };
  options.progress = [&](const FetchProgress &p) {
    if (quiet || !terminal.interactive || !p.total)
      return true;
    double fraction = double(p.done) / double(p.total);
    std::string line = p.file + " " + barText(terminal, fraction, 20);
    std::fprintf(stderr, "\r%s %3.0f%%\033[K",
                 clipped(line, terminal.width - 6).c_str(), 100 * fraction);
    drawn = true;
    return true;
  };
  std::string resolved = spec;
  if (resolveDataName) {
    auto found = resolveDataName(spec, options);
    if (!found)
      return found.error();
    resolved = std::move(*found);
  }
  auto data = openDataset(resolved, options);
  if (drawn)
    std::fputs("\r\033[K", stderr);
  return data;
}

} // namespace gradmill::rt
