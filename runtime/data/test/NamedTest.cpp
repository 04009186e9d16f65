#include "data/Named.h"
#include "data/Tar.h"

#include "Temporary.h"

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <zlib.h>

namespace gradmill::rt {
namespace {

// A member of a tar archive: its header, its content, up to a whole block.
std::string member(const std::string &path, const std::string &content,
                   char kind = '0') {
  std::string header(512, '\0');
  auto put = [&](size_t at, const std::string &text) {
    header.replace(at, text.size(), text);
  };
  char size[16];
  std::snprintf(size, sizeof size, "%011zo", content.size());
  put(0, path);
  put(124, size);
  put(148, "        ");
  header[156] = kind;
  put(257, "ustar");
  unsigned sum = 0;
  for (char c : header)
    sum += uint8_t(c);
  char checksum[16];
  std::snprintf(checksum, sizeof checksum, "%06o", sum);
  put(148, std::string(checksum) + '\0' + ' ');
  return header + content + std::string((512 - content.size() % 512) % 512, '\0');
}

void writePacked(const std::string &path, const std::string &bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), unsigned(bytes.size()));
  gzclose(file);
}

std::string contentOf(const std::string &path) {
  std::string text;
  char block[4096];
  std::FILE *file = std::fopen(path.c_str(), "rb");
  EXPECT_NE(file, nullptr) << path;
  for (size_t size; file && (size = std::fread(block, 1, sizeof block, file));)
    text.append(block, size);
  if (file)
    std::fclose(file);
  return text;
}

const std::string kEnd(1024, '\0');

TEST(Tar, TakesWhatIsAskedFor) {
  test::TemporaryDirectory dir;
  std::string archive = (dir / "a.tar.gz"), big(1500, 'x');
  writePacked(archive, member("set/", "", '5') + member("set/a.bin", big) +
                           member("set/other", "no") +
                           member("../../b.txt", "b") +
                           member("set/c.bin", "link", '2') +
                           member("set/c.bin", "c") + kEnd);
  ASSERT_FALSE(extractFiles(archive, {"a.bin", "b.txt", "c.bin"}, dir.path));
  EXPECT_EQ(contentOf((dir / "a.bin")), big);
  EXPECT_EQ(contentOf((dir / "b.txt")), "b"); // here, whatever its path was
  EXPECT_EQ(contentOf((dir / "c.bin")), "c"); // no link was made
  EXPECT_FALSE(std::filesystem::exists((dir / "other")));
}

TEST(Tar, DamageIsSaid) {
  test::TemporaryDirectory dir;
  std::string archive = (dir / "a.tar.gz");
  std::string good = member("a", "content") + kEnd;
  auto problem = [&](const std::string &bytes) {
    writePacked(archive, bytes);
    Status error = extractFiles(archive, {"a"}, dir.path);
    EXPECT_TRUE(error);
    EXPECT_EQ(error->code, "tar_damaged");
    return error ? error->message : "";
  };
  EXPECT_NE(problem(member("b", "x") + kEnd).find("no a in it"),
            std::string::npos);
  EXPECT_NE(problem(good.substr(0, 515)).find("cut off"), std::string::npos);
  std::string bad = good;
  bad[3] = 'z';
  EXPECT_NE(problem(bad).find("damaged header at byte 0"), std::string::npos);
  std::string huge = good;
  std::memcpy(huge.data() + 124, "777777777777", 12);
  problem(huge);
  problem("");
}

TEST(Named, FoldersAtHand) {
  test::TemporaryDirectory dir;
  auto before = std::filesystem::current_path();
  std::filesystem::current_path(dir.path);
  std::filesystem::create_directories("data/kmnist");
  for (const char *file :
       {"train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"})
    std::fclose(std::fopen((std::string("data/kmnist/") + file).c_str(), "wb"));
  DataOptions options;
  options.cacheDir = (dir / "cache");
  options.allowDownload = false;
  auto found = resolveNamed("kmnist", options);
  ASSERT_TRUE(bool(found)) << found.error().message;
  EXPECT_EQ(*found, "idx:data/kmnist?classes=10");
  EXPECT_EQ(*resolveNamed("kmnist?base=0", options),
            "idx:data/kmnist?classes=10&base=0");
  EXPECT_EQ(*resolveNamed("mnist", options), "mnist");
  EXPECT_EQ(*resolveNamed("cifar10:here", options), "cifar10:here");
  auto absent = resolveNamed("fashion-mnist", options);
  ASSERT_FALSE(bool(absent));
  EXPECT_EQ(absent.error().code, "data_absent");
  std::filesystem::current_path(before);
}

// The sets of EMNIST lie in one folder, and differ in their files' names.
TEST(Named, SetsThatShareAFolder) {
  test::TemporaryDirectory dir;
  auto before = std::filesystem::current_path();
  std::filesystem::current_path(dir.path);
  std::filesystem::create_directories("emnist");
  for (const char *part : {"train-images-idx3", "train-labels-idx1", "test-images-idx3",
                           "test-labels-idx1"})
    std::fclose(std::fopen(
        ("emnist/emnist-letters-" + std::string(part) + "-ubyte.gz").c_str(), "wb"));
  DataOptions options;
  options.cacheDir = (dir / "cache");
  options.allowDownload = false;
  auto found = resolveNamed("emnist-letters", options);
  ASSERT_TRUE(bool(found)) << found.error().message;
  EXPECT_EQ(*found,
            "idx:emnist?classes=26&base=1&transposed=yes&prefix=emnist-letters");
  auto absent = resolveNamed("emnist-digits", options);
  ASSERT_FALSE(bool(absent));
  EXPECT_NE(absent.error().message.find("neither in data/emnist"), std::string::npos);
  std::filesystem::current_path(before);
}

// What is downloaded is known by its SHA-256, and its mirrors are folders.
TEST(Named, SetsAreComplete) {
  for (const NamedSet &set : namedSets()) {
    EXPECT_FALSE(set.mirrors.empty());
    for (const char *mirror : set.mirrors)
      EXPECT_EQ(std::string(mirror).back(), '/') << set.name;
    for (const RemoteFile &file : set.files()) {
      EXPECT_EQ(file.sha256.size(), 64u) << file.name;
      EXPECT_EQ(file.sha256.find_first_not_of("0123456789abcdef"),
                std::string::npos);
      EXPECT_GT(file.size, 5000u);
    }
  }
}

} // namespace
} // namespace gradmill::rt
