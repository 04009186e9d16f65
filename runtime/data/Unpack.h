// How much a compressed file may become. Deflate packs up to 1032 to 1, so that
// a small file could fill the memory; pictures and data sets pack 2 to 30 to 1.
#pragma once

#include <algorithm>
#include <cstdint>

namespace gradmill::rt {

// Times its size, unless --max-unpack says otherwise.
inline constexpr uint64_t kMaxUnpack = 100;
// More than deflate, and a pixel of one bit that becomes four bytes, can do.
inline constexpr uint64_t kMostUnpack = 100'000;

// In bytes. What does no harm is allowed at any ratio.
inline uint64_t unpackLimit(uint64_t packed, uint64_t times) {
  constexpr uint64_t harmless = uint64_t(64) << 20;
  return std::max(harmless, packed * std::min(times, kMostUnpack));
}

} // namespace gradmill::rt
