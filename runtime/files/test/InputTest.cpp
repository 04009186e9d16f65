#include "files/Input.h"
#include "data/test/Temporary.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace gradmill::rt::test {
namespace {

std::string codeOf(const std::string &path, uint64_t limit = 1 << 20) {
  auto bytes = readFile(path, limit);
  return bytes ? "" : bytes.error().code;
}

TEST(Input, ReadsWholeFiles) {
  TemporaryDirectory at;
  for (size_t size : {0, 1, 65535, 65536, 200000}) {
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; ++i)
      bytes[i] = uint8_t(i * 31);
    auto read = readFile(at.put("a", bytes), size);
    ASSERT_TRUE(bool(read)) << size;
    EXPECT_EQ(*read, bytes);
    if (size) {
      EXPECT_EQ(codeOf(at / "a", size - 1), "file_too_large");
    }
  }
}

// What has no size beforehand is read as far as it goes.
TEST(Input, ReadsFilesOfProc) {
  auto read = readFile("/proc/self/status", 1 << 20);
  ASSERT_TRUE(bool(read)) << read.error().message;
  EXPECT_GT(read->size(), 100u);
}

// Opening a FIFO without a writer must not hang.
TEST(Input, RefusesWhatIsNoRegularFile) {
  TemporaryDirectory at;
  ASSERT_EQ(::mkfifo((at / "pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink("pipe", at / "link");
  for (std::string path : {at / "pipe", at / "link", at.path,
                           std::string("/dev/zero"), std::string("/dev/null")})
    EXPECT_EQ(codeOf(path), "not_a_file") << path;
  EXPECT_EQ(codeOf(at / "absent"), "file_not_found");
  EXPECT_EQ(codeOf("/dev/null/x"), "file_not_found");
}

TEST(Input, FilesThatShrinkEnd) {
  TemporaryDirectory at;
  auto file = InputFile::open(at.put("a", std::vector<uint8_t>(1 << 16)));
  ASSERT_TRUE(bool(file));
  EXPECT_EQ(file->size(), 1u << 16);
  at.put("b", {});
  std::filesystem::resize_file(at / "a", 1000);
  std::vector<uint8_t> bytes(1 << 16);
  auto got = file->read(bytes.data(), bytes.size());
  ASSERT_TRUE(bool(got));
  EXPECT_EQ(*got, 1000u);
}

} // namespace
} // namespace gradmill::rt::test
