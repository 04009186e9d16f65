// The little file handling that data sources share: bounded reads, writes that
// leave either the whole file or nothing, and errors in one shape.
#pragma once

#include "core/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

// "PATH: CAUSE; FIX", as every error of this folder reads.
Error fileError(ExitCode exit, std::string code, const std::string &path,
                const std::string &cause, const std::string &fix);

// The whole file. Errors: file_unreadable, file_too_large (more than `limit`).
Result<std::vector<uint8_t>> readFile(const std::string &path, uint64_t limit);

// Writes beside the target, then renames over it. Error: file_unwritable.
Status writeFileAtomically(const std::string &path, const void *bytes,
                           size_t size);

// mkdir -p. Error: directory_unwritable.
Status makeDirectories(const std::string &path);

bool isRegularFile(const std::string &path);
bool isDirectory(const std::string &path);
std::string joinPath(const std::string &directory, const std::string &name);

} // namespace gradmill::rt
