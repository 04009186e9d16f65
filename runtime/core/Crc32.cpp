#include "core/Crc32.h"

#include <cstring>

namespace gradmill::rt {
namespace {

// table[k][b]: of the byte b with k zero bytes behind it. Eight bytes are one step
// then ("slicing by 8", Kounavis and Berry, 2005), five times as fast as one by one.
struct Tables {
  uint32_t table[8][256];

  Tables() {
    for (uint32_t b = 0; b < 256; ++b) {
      uint32_t crc = b;
      for (int bit = 0; bit < 8; ++bit)
        crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
      table[0][b] = crc;
    }
    for (int k = 1; k < 8; ++k)
      for (int b = 0; b < 256; ++b)
        table[k][b] = (table[k - 1][b] >> 8) ^ table[0][table[k - 1][b] & 255];
  }
};

} // namespace

uint32_t crc32(uint32_t crc, const void *data, size_t size) {
  static const Tables tables;
  const auto &t = tables.table;
  auto *bytes = static_cast<const unsigned char *>(data);
  crc = ~crc;
  for (; size >= 8; size -= 8, bytes += 8) {
    uint32_t low, high; // little-endian, as all machines that compile
    std::memcpy(&low, bytes, 4);
    std::memcpy(&high, bytes + 4, 4);
    low ^= crc;
    crc = t[7][low & 255] ^ t[6][low >> 8 & 255] ^ t[5][low >> 16 & 255] ^
          t[4][low >> 24] ^ t[3][high & 255] ^ t[2][high >> 8 & 255] ^
          t[1][high >> 16 & 255] ^ t[0][high >> 24];
  }
  for (; size > 0; --size)
    crc = (crc >> 8) ^ t[0][(crc ^ *bytes++) & 255];
  return ~crc;
}

} // namespace gradmill::rt
