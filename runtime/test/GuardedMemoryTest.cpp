// Buffers between forbidden pages: what is inside works, what is outside stops
// the process with the buffer's name.
#include "core/GuardedMemory.h"

#include <algorithm>
#include <csignal>
#include <gtest/gtest.h>

namespace gradmill::rt {
namespace {

constexpr GuardEdge kEdges[] = {GuardEdge::End, GuardEdge::Begin};

char *bytesOf(const GuardedBuffer &buffer) {
  return static_cast<char *>(buffer.data());
}

// Not to be optimized away, nor seen through.
void touch(char *at) { *static_cast<volatile char *>(at) = 1; }

TEST(GuardedMemory, IsZeroedAlignedAndWritable) {
  for (GuardEdge edge : kEdges)
    for (uint64_t bytes : {1u, 63u, 64u, 4096u, 100000u}) {
      auto buffer = GuardedBuffer::allocate(bytes, edge, "tensor");
      ASSERT_TRUE(buffer);
      char *data = bytesOf(*buffer);
      EXPECT_EQ(uintptr_t(data) % 64, 0u);
      EXPECT_EQ(std::count(data, data + bytes, 0), ptrdiff_t(bytes));
      std::fill(data, data + bytes, 7);
      EXPECT_EQ(buffer->trespass(), "");
    }
  auto empty = GuardedBuffer::allocate(0, GuardEdge::End, "nothing");
  ASSERT_TRUE(empty);
  EXPECT_NE(empty->data(), nullptr);
}

TEST(GuardedMemory, FindsWhatWasWrittenToTheSlack) {
  auto buffer = GuardedBuffer::allocate(100, GuardEdge::End, "conv1.weight");
  touch(bytesOf(*buffer) + 102);
  EXPECT_EQ(buffer->trespass(),
            "conv1.weight (100 bytes): byte 3 past its end was written");
  auto other = GuardedBuffer::allocate(64, GuardEdge::End, "arena");
  touch(bytesOf(*other) - 5);
  EXPECT_EQ(other->trespass(),
            "arena (64 bytes): byte 5 before its begin was written");
}

TEST(GuardedMemoryDeathTest, StopsAtTheFirstByteOutside) {
  auto end = GuardedBuffer::allocate(128, GuardEdge::End, "arena");
  auto begin = GuardedBuffer::allocate(128, GuardEdge::Begin, "scratch");
  auto killed = [](int status) {
    return WIFSIGNALED(status) || WEXITSTATUS(status) != 0; // a sanitizer exits
  };
  EXPECT_EXIT(touch(bytesOf(*end) + 128), killed,
              "arena|AddressSanitizer");
  EXPECT_EXIT(touch(bytesOf(*begin) - 1), killed,
              "scratch|AddressSanitizer");
}

// An offset that lost its bits 31 and up lies 2 GiB off.
TEST(GuardedMemoryDeathTest, CoversOffsetsThatLostTheirUpperBits) {
  auto buffer = GuardedBuffer::allocate(128, GuardEdge::End, "arena");
  auto killed = [](int status) {
    return WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
  };
  for (int64_t off : {-(int64_t(1) << 31), -(int64_t(1) << 28),
                      (int64_t(1) << 31) - 128})
    EXPECT_EXIT(touch(bytesOf(*buffer) + off), killed,
                "arena|AddressSanitizer");
}

} // namespace
} // namespace gradmill::rt
