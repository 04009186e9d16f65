// Files of a .tar.gz archive, by their names.
#pragma once

#include "core/Error.h"
#include "data/Unpack.h"

#include <string>
#include <vector>

namespace gradmill::rt {

// Writes the files called `names` (the last part of their paths in the archive)
// into `directory`. Other members are passed over; links and folders are never
// made. Errors: tar_damaged (a member that is cut off or has a wrong checksum, or
// a name that is not there), those of readPacked and writeFile.
Status extractFiles(const std::string &archive,
                    const std::vector<std::string> &names,
                    const std::string &directory,
                    uint64_t maxUnpack = kMaxUnpack);

} // namespace gradmill::rt
