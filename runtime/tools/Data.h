// Opens training data for a command: messages and download progress on stderr.
#pragma once

#include "data/Open.h"

namespace gradmill::rt {

Result<DatasetSplit> openDataFor(const std::string &spec,
                                 const std::string &cacheDir,
                                 bool allowDownload, uint64_t maxUnpack,
                                 bool quiet);

} // namespace gradmill::rt
