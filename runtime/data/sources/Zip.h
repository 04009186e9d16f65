// The files in a zip archive as NumPy's savez writes it: stored or deflated,
// below 4 GiB, not encrypted. They are found through the directory at the end
// of the archive. Each file's length and checksum are checked. Files do not
// overlap, and no name leads out of the archive.
#pragma once

#include "core/Error.h"
#include "data/Unpack.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

struct ZipEntry {
  std::string name;
  std::vector<uint8_t> bytes;
};

// All files, or those with `names` (the last part of their paths), if there are any.
// Together not more than `maxUnpack` times the file (Unpack.h). Errors: those
// of readFile, zip_damaged, unpack_limit.
Result<std::vector<ZipEntry>> readZip(const std::string &path,
                                      uint64_t maxUnpack,
                                      const std::vector<std::string> &names = {});

} // namespace gradmill::rt
