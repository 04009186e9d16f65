// Data sets that can be named and downloaded: fashion-mnist, kmnist, emnist-letters and
// its like, cifar10, cifar100. The stand-alone trainer leaves them out.
#pragma once

#include "core/Error.h"
#include "data/Open.h"
#include "data/Source.h"

#include <span>
#include <string>
#include <vector>

namespace gradmill::rt {

struct NamedSet {
  const char *name, *doc;
  const char *source; // that reads its folder: "idx"
  const char *more;   // options for it: "classes=10"
  std::span<const char *const> mirrors;
  std::vector<RemoteFile> (*files)(); // with SHA-256
  // For an archive: the members to extract; empty: the files are the data.
  std::span<const char *const> members;
  const char *folder = nullptr; // if several sets share one; null: the name
};

std::span<const NamedSet> namedSets();

// The text of --data, with the name of such a set replaced by its folder. The
// folder is searched (data/NAME, NAME, the cache) and otherwise downloaded. Any
// other text stays. Errors: data_absent, those of fetchFiles, extractFiles and readZip.
Result<std::string> resolveNamed(const std::string &spec,
                                 const DataOptions &options);

} // namespace gradmill::rt
