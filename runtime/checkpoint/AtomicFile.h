// Replaces a file as a whole or not at all: readers, and a crash at any moment,
// see the old content or the new one, never a mixture.
#pragma once

#include "core/Error.h"

#include <span>
#include <string>
#include <string_view>

namespace gradmill::rt {

// Writes `parts`, one after the other, to a temporary file beside `path`, syncs
// it and renames it over `path`. On failure (full disk, no permission) the
// previous file is untouched and nothing is left behind. Errors: write_failed.
Status writeFileAtomically(const std::string &path,
                           std::span<const std::string_view> parts);

// Whether such a write could begin: the directory exists and is writable, and
// `path` is no directory or device. To fail before hours of work, not after.
Status checkWritable(const std::string &path);

} // namespace gradmill::rt
