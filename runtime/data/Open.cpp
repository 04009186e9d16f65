#include "data/Open.h"

#include "core/Number.h"
#include "data/Digits.h"
#include "data/Idx.h"
#include "data/Source.h"
#include "files/Paths.h"

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
  return readIdxDirectory(directory, "mnist",
                          {.classes = 10, .maxUnpack = options.maxUnpack});
}

// Looks on this machine. If nothing is found: an error with the code
// data_absent.
Result<DatasetSplit> openLocalMnist(const DataOptions &options) {
  // The user named it, so faults must be reported and not skipped.
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

Result<DatasetSplit> mnistOrError(const DataOptions &options) {
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

Status refusePath(const DataSpec &spec) {
  if (spec.path.empty())
    return ok;
  return Error{kUsage, "data_option",
               "--data " + spec.text + ": " + spec.source->name +
                   " takes no path; idx:FOLDER reads MNIST's files from one"};
}

Result<DatasetSplit> openMnist(const DataSpec &spec,
                               const DataOptions &options) {
  if (Status bad = refusePath(spec))
    return *bad;
  return mnistOrError(options);
}

Result<DatasetSplit> openAuto(const DataSpec &spec,
                              const DataOptions &options) {
  if (Status bad = refusePath(spec))
    return *bad;
  Result<DatasetSplit> data = mnistOrError(options);
  if (data)
    return data;
  const Error &error = data.error();
  // The fallback is for data that is missing. A broken set that the user named,
  // or a download that the user stopped, is not silently replaced.
  bool named =
      std::getenv("GRADMILL_MNIST_DIR") && *std::getenv("GRADMILL_MNIST_DIR");
  if (named || error.code == "fetch_cancelled")
    return data;
  say(options, error.message);
  say(options, "MNIST is not at hand: using digits that gradmill draws itself "
               "(accuracies are not comparable with MNIST)");
  return drawDigits({.seed = options.seed});
}

constexpr SourceOption kDigitOptions[] = {
    {"seed", "N (1): other drawings with another number"}};

Result<DatasetSplit> openDigits(const DataSpec &spec,
                                const DataOptions &options) {
  SourceOptions given(spec);
  DigitOptions digits;
  digits.seed =
      uint64_t(given.whole("seed", int64_t(options.seed), 0, INT64_MAX));
  if (given.problem())
    return *given.problem();
  if (spec.text.starts_with("digits:")) {
    int64_t train = 0;
    if (!parseWhole(spec.path, train) || train < 10 || train > 1000000)
      return Error{kUsage, "data_count",
                   "--data digits:" + spec.path +
                       ": the number of drawn digits must be 10 to 1000000; "
                       "digits alone means 10000"};
    digits.train = size_t(train), digits.test = size_t(train / 5);
  }
  return drawDigits(digits);
}

} // namespace

extern const DataSource kAutoSource, kMnistSource, kDigitsSource;
const DataSource kAutoSource = {
    "auto",  "auto",  "MNIST if it can be had, else drawn digits", {}, false,
    nullptr, openAuto};
const DataSource kMnistSource = {
    "mnist", "mnist",  "MNIST, downloaded if it is not at hand", {}, false,
    nullptr, openMnist};
const DataSource kDigitsSource = {
    "digits",      "digits[:N]", "digits that gradmill draws itself",
    kDigitOptions, false,        nullptr,
    openDigits};

Result<DatasetSplit> openDataset(const std::string &text,
                                 const DataOptions &options) {
  Result<DataSpec> spec = parseDataSpec(text);
  if (!spec)
    return spec.error();
  if (spec->path.empty() && spec->source->recognizes)
    return Error{kUsage, "data_option",
                 "--data " + text + ": " + spec->source->name +
                     " needs a path: " + spec->source->usage};
  return spec->source->open(*spec, options);
}

} // namespace gradmill::rt
