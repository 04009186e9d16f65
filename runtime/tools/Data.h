// Opens training data for a command: messages and download progress on stderr.
#pragma once

#include "data/Open.h"

namespace gradmill::rt {

// Names that openDataFor knows beside those of data sources: resolveNamed
// (data/Named.h), or null.
extern Result<std::string> (*resolveDataName)(const std::string &,
                                              const DataOptions &);

Result<DatasetSplit> openDataFor(const std::string &spec,
                                 const std::string &cacheDir,
                                 bool allowDownload, uint64_t maxUnpack,
                                 bool quiet);

} // namespace gradmill::rt
