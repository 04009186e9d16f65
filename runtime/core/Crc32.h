// CRC-32 as zip, gzip and PNG have it (polynomial 0x04c11db7, reflected): checksums of
// checkpoints and data sets. zlib has the same function, but programs that only infer
// would need zlib for it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gradmill::rt {

// Continues `crc` (0 at first) by these bytes.
uint32_t crc32(uint32_t crc, const void *data, size_t size);

} // namespace gradmill::rt
