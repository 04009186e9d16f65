// CRC-32 against the check value of its catalogue entry, and against zlib.
#include "core/Crc32.h"

#include <gtest/gtest.h>
#include <vector>
#include <zlib.h>

namespace gradmill::rt {
namespace {

TEST(Crc32, CheckValue) {
  EXPECT_EQ(crc32(0, "123456789", 9), 0xcbf43926u);
  EXPECT_EQ(crc32(0, "", 0), 0u);
  EXPECT_EQ(crc32(crc32(0, "1234", 4), "56789", 5), 0xcbf43926u);
}

TEST(Crc32, SameAsZlibForAnyLengthAndStart) {
  std::vector<unsigned char> bytes(100);
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(i * 37 + i / 3);
  for (size_t from = 0; from < 9; ++from)
    for (size_t size = 0; from + size <= bytes.size(); ++size)
      ASSERT_EQ(crc32(7, bytes.data() + from, size),
                crc32_z(7, bytes.data() + from, size))
          << from << " " << size;
}

} // namespace
} // namespace gradmill::rt
