#include "data/Open.h"

#include "core/Nearest.h"
#include "data/Digits.h"
#include "data/Idx.h"
#include "files/Paths.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace gradmill::rt {
namespace {

void say(const DataOptions &options, const std::string &line) {
  if (options.message && !options.quiet)
    options.message(line);
}

std::string cacheFor(const DataOptions &options) {
  std::string cache =
      options.cacheDir.empty() ? defaultCacheDirectory() : options.cacheDir;
  return cache.empty() ? "" : joinPath(cache, "mnist");
}

Result<DatasetSplit> readMnist(const std::string &directory,
                               const DataOptions &options) {
  return readIdxDirectory(
      directory, "mnist", {.classes = 10, .maxUnpack = options.maxUnpack});
}

// Already on this machine. Nothing found: an error with code data_absent.
Result<DatasetSplit> openLocalMnist(const DataOptions &options) {
  // Named by the user: what is wrong with it must be said, not skipped.
  const char *named = std::getenv("GRADMILL_MNIST_DIR");
  if (named && *named) {
    Result<DatasetSplit> data = readMnist(named, options);
    if (data)
      return data;
    Error error = data.error();
    error.message += " (GRADMILL_MNIST_DIR)";
    return error;
  }
  for (const std::string &place :
       {std::string("data/mnist"), std::string("mnist"), cacheFor(options),
        std::string("/usr/local/share/mnist"), std::string("/usr/share/mnist"),
        std::string("/usr/share/datasets/mnist")}) {
    if (place.empty() || !findIdxFiles(place))
      continue;
    Result<DatasetSplit> data = readMnist(place, options);
    if (data)
      return data;
    say(options, "not used: " + data.error().message);
  }
  return Error{kIo, "data_absent", "MNIST is not on this machine"};
}

Result<DatasetSplit> downloadMnist(const DataOptions &options) {
  std::string cache = cacheFor(options);
  if (cache.empty())
    return Error{kIo, "data_absent",
                 "no directory to download MNIST to: neither XDG_CACHE_HOME "
                 "nor HOME is set; set one of them"};
  FetchOptions fetch;
  fetch.mirrors = mnistMirrors();
  fetch.progress = options.progress;
  fetch.message = [&](const std::string &line) { say(options, line); };
  say(options, "downloading MNIST (11 MB) to " + cache);
  if (Status bad = fetchFiles(mnistFiles(), cache, fetch))
    return *bad;
  return readMnist(cache, options);
}

Result<DatasetSplit> openMnist(const DataOptions &options) {
  Result<DatasetSplit> data = openLocalMnist(options);
  if (data || data.error().code != "data_absent")
    return data;
  if (options.allowDownload)
    return downloadMnist(options);
  Error error = data.error();
  error.message += " and downloads are not allowed; allow them, set "
                   "GRADMILL_MNIST_DIR, or use digits";
  return error;
}

Result<DatasetSplit> openAuto(const DataOptions &options) {
  Result<DatasetSplit> data = openMnist(options);
  if (data)
    return data;
  const Error &error = data.error();
  // Falling back is for "not at hand". A set that the user named and that is
  // broken, or a download that the user stopped, is not replaced silently.
  bool named =
      std::getenv("GRADMILL_MNIST_DIR") && *std::getenv("GRADMILL_MNIST_DIR");
  if (named || error.code == "fetch_cancelled")
    return data;
  say(options, error.message);
  say(options, "MNIST is not at hand: using digits that gradmill draws itself "
               "(accuracies are not comparable with MNIST)");
  return drawDigits({.seed = options.seed});
}

Result<DatasetSplit> openDigits(const std::string &count,
                                const DataOptions &options) {
  uint64_t train = 0;
  auto [end, failure] =
      std::from_chars(count.data(), count.data() + count.size(), train);
  if (failure != std::errc() || end != count.data() + count.size() ||
      train < 10 || train > 1000000)
    return Error{kUsage, "data_count",
                 "--data digits:" + count +
                     ": the number of drawn digits must be 10 to 1000000; "
                     "digits alone means 10000"};
  return drawDigits({options.seed, size_t(train), size_t(train / 5)});
}

Error unknown(const std::string &spec) {
  std::string message = "--data " + spec + ": no such data set or directory; ";
  if (std::string best = nearest(spec, {"auto", "mnist", "digits"});
      !best.empty())
    message += "did you mean " + best + "? ";
  message += "give auto, mnist, digits, digits:N, or a directory with the four "
             "IDX files (Fashion-MNIST and KMNIST have the same format)";
  return {kUsage, "data_unknown", message};
}

} // namespace

Result<DatasetSplit> openDataset(const std::string &spec,
                                 const DataOptions &options) {
  if (spec == "auto")
    return openAuto(options);
  if (spec == "mnist")
    return openMnist(options);
  if (spec == "digits")
    return drawDigits({.seed = options.seed});
  if (spec.starts_with("digits:"))
    return openDigits(spec.substr(7), options);
  if (isDirectory(spec))
    return readIdxDirectory(spec, "data", {.maxUnpack = options.maxUnpack});
  return unknown(spec);
}

} // namespace gradmill::rt
