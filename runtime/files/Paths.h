// Paths, folders, and a common form for errors of files.
#pragma once

#include "core/Error.h"

#include <string>

namespace gradmill::rt {

// "PATH: CAUSE; FIX".
Error fileError(ExitCode exit, std::string code, const std::string &path,
                const std::string &cause, const std::string &fix);

// mkdir -p. Error: directory_unwritable.
Status makeDirectories(const std::string &path);

bool isRegularFile(const std::string &path);
bool isDirectory(const std::string &path);
std::string joinPath(const std::string &directory, const std::string &name);
// "a/" of "a/b", "./" of "b".
std::string folderOf(const std::string &path);
// The target of a symbolic link, which need not exist; other paths unchanged.
// Links among the folders stay. Empty if links form a circle.
std::string followLinks(const std::string &path);

} // namespace gradmill::rt
