// Downloads files with a known SHA-256: several mirrors, resumed after an
// interruption. Only verified content gets the final name.
//
// Proxies are those of the environment (https_proxy, http_proxy, no_proxy).
#pragma once

#include "core/Error.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gradmill::rt {

struct RemoteFile {
  std::string name;   // on the mirror and on disk
  std::string sha256; // lower-case hexadecimal
  uint64_t size = 0;  // bytes; more than that is refused while it arrives
};

struct FetchProgress {
  std::string file, mirror;
  uint64_t done = 0, total = 0; // bytes of this file
};

struct FetchOptions {
  std::vector<std::string> mirrors; // URL prefixes, tried in order
  std::function<bool(const FetchProgress &)> progress; // false cancels
  std::function<void(const std::string &)> message;    // a mirror that failed
  long connectTimeoutMs = 10000;
  long stallSeconds = 30;
};

// Brings every file into `directory`; intact files that are already there are
// not fetched again. Safe against a second process that does the same. Errors:
// curl_missing, fetch_failed (says what each mirror answered), fetch_cancelled,
// fetch_unwritable, directory_unwritable.
Status fetchFiles(const std::vector<RemoteFile> &files,
                  const std::string &directory, const FetchOptions &options);

// The four files of MNIST.
const std::vector<RemoteFile> &mnistFiles();

// The public mirrors, or $GRADMILL_MNIST_MIRRORS (comma-separated) instead.
std::vector<std::string> mnistMirrors();

// $XDG_CACHE_HOME/gradmill, else ~/.cache/gradmill, else empty. Relative paths
// in the variables count as unset.
std::string defaultCacheDirectory();

} // namespace gradmill::rt
