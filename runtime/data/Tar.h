// Files of a .tar.gz archive, by their names.
#pragma once

#include "core/Error.h"
#include "data/Unpack.h"

#include <string>
#include <vector>

namespace gradmill::rt {

// Writes the files with these `names` (the last part of their paths in the
// archive) into `directory`. Skips other members, and never makes links or
// folders. Errors: tar_damaged (a member that is cut off or has a wrong
// checksum, or a missing name), those of readPacked and writeFile.
Status extractFiles(const std::string &archive,
                    const std::vector<std::string> &names,
                    const std::string &directory,
                    uint64_t maxUnpack = kMaxUnpack);

} // namespace gradmill::rt
