// The contents of a folder, sorted by name. Hidden files do not count.
#pragma once

#include <string>
#include <vector>

namespace gradmill::rt {

// Paths of the regular files whose names end in `ending`, in any case; empty if
// there are none, or no folder.
std::vector<std::string> filesIn(const std::string &folder,
                                 const std::string &ending);
// Names of the folders in it.
std::vector<std::string> foldersIn(const std::string &folder);

} // namespace gradmill::rt
