// The limit of decompression. Deflate packs up to 1032 to 1, so a small file
// could fill the memory; pictures and data sets pack 2 to 30 to 1.
#pragma once

#include <algorithm>
#include <cstdint>

namespace gradmill::rt {

// As a factor of the file's size, unless --max-unpack says otherwise.
inline constexpr uint64_t kMaxUnpack = 100;
// Above the factor of deflate times that of a one-bit pixel that becomes four
// bytes.
inline constexpr uint64_t kMostUnpack = 100'000;

// In bytes. Up to this size any factor is allowed, because it does no harm.
inline uint64_t unpackLimit(uint64_t packed, uint64_t times) {
  constexpr uint64_t harmless = uint64_t(64) << 20;
  return std::max(harmless, packed * std::min(times, kMostUnpack));
}

} // namespace gradmill::rt
