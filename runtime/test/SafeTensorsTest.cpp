#include "checkpoint/SafeTensors.h"
#include "checkpoint/AtomicFile.h"
#include "test/Testing.h"

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gradmill::rt {

static const float kValues[] = {1, 2, 3, 4, 5, 6};
static const uint8_t kByte = 7;

static std::vector<StoredTensor> sample() {
  return {{"b", "F32", {2, 3}, kValues, sizeof kValues},
          {"a", "U8", {}, &kByte, 1}};
}

static std::string header(const std::string &json, const std::string &data) {
  std::string file(8, '\0');
  file[0] = char(json.size());
  file[1] = char(json.size() >> 8);
  return file + json + data;
}

static void expectBad(const std::string &path, const std::string &content,
                      const std::string &expected) {
  writeText(path, content);
  auto file = readSafeTensors(path);
  ASSERT_FALSE(bool(file)) << expected;
  EXPECT_EQ(file.error().code, "bad_safetensors");
  EXPECT_NE(file.error().message.find(expected), std::string::npos)
      << file.error().message;
}

TEST(SafeTensors, RoundTrip) {
  TemporaryDirectory dir;
  std::string path = dir.file("t.safetensors");
  ASSERT_FALSE(writeSafeTensors(path, sample(), {{"key", "wert \xc3\xa4"}}));
  auto file = readSafeTensors(path);
  ASSERT_TRUE(bool(file)) << file.error().message;
  const StoredTensor *b = file->find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(0, std::memcmp(b->data, kValues, sizeof kValues));
  EXPECT_EQ(*static_cast<const uint8_t *>(file->find("a")->data), 7);
  EXPECT_EQ(file->metadata.at("key"), "wert \xc3\xa4");
  EXPECT_EQ(dir.count(), 1u); // no temporary file left
}

TEST(SafeTensors, ReadsForeignFiles) {
  TemporaryDirectory dir;
  std::string path = dir.file("t");
  writeText(path,
            header(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                   "abcd"));
  EXPECT_TRUE(bool(readSafeTensors(path)));
  writeText(path, header("{}", ""));
  EXPECT_TRUE(bool(readSafeTensors(path)));
}

TEST(SafeTensors, RefusesDamage) {
  TemporaryDirectory dir;
  std::string path = dir.file("t");
  auto one = [](const std::string &offsets, const char *shape = "[1]") {
    return R"({"x":{"dtype":"F32","shape":)" + std::string(shape) +
           R"(,"data_offsets":)" + offsets + "}}";
  };
  expectBad(path, "", "prefix");
  expectBad(path, std::string(8, '\xff'), "header");
  expectBad(path, header("[]", ""), "JSON");
  expectBad(path, header(one("[0,8]"), "abcd"), "past the end");
  expectBad(path, header(one("[4,0]"), "abcd"), "past the end");
  expectBad(path, header(one("[0,4]", "[2]"), "abcd"), "do not fit");
  expectBad(path, header(one("[0,4]", "[-1]"), "abcd"), "integer");
  expectBad(path,
            header(one("[0,4]", "[2147483647,2147483647,2147483647]"), "abcd"),
            "do not fit");
  expectBad(path, header(one("[-4,0]"), "abcd"), "pair");
  expectBad(path, header(one("[0,4]"), "abcdefgh"), "after the last");
  expectBad(path, header(one("[4,8]"), "abcdefgh"), "hole");
  expectBad(path,
            header(R"({"x":{"dtype":"F33","shape":[],"data_offsets":[0,4]}})",
                   "abcd"),
            "unknown");
  expectBad(path, header(R"({"__metadata__":{"a":1}})", ""), "string");
  expectBad(path, header(R"({"__metadata__":{},"__metadata__":{}})", ""),
            "twice");
}

TEST(SafeTensors, RefusesWhatIsNoFile) {
  TemporaryDirectory dir;
  for (std::string path : {dir.path, std::string("/dev/zero")}) {
    auto file = readSafeTensors(path);
    ASSERT_FALSE(bool(file));
    EXPECT_EQ(file.error().code, "bad_safetensors");
  }
  EXPECT_EQ(readSafeTensors(dir.file("none")).error().code, "file_not_found");
}

// The checksum catches what the structure does not show.
TEST(SafeTensorsFuzz, TruncationsAndFlips) {
  TemporaryDirectory dir;
  std::string path = dir.file("good"), bad = dir.file("bad");
  ASSERT_FALSE(writeSafeTensors(path, sample(), {{"step", "100"}}));
  std::string good = readText(path);
  for (size_t size = 0; size < good.size(); ++size) {
    writeText(bad, good.substr(0, size));
    EXPECT_FALSE(bool(readSafeTensors(bad))) << size;
  }
  for (size_t i = 0; i < good.size(); ++i)
    for (unsigned char flip : {0x01, 0x02, 0x20, 0x80}) {
      std::string flipped = good;
      flipped[i] = char(flipped[i] ^ flip);
      writeText(bad, flipped);
      auto file = readSafeTensors(bad);
      if (!file)
        continue;
      // A flip may hit white space, or rename the checksum itself.
      EXPECT_EQ(file->metadata["step"], "100") << i;
      EXPECT_EQ(0, std::memcmp(file->find("b")->data, kValues, 24)) << i;
    }
}

TEST(AtomicFile, FailuresKeepThePreviousFile) {
  TemporaryDirectory dir;
  std::string path = dir.file("t");
  std::string_view parts[] = {"old"};
  ASSERT_FALSE(writeFileAtomically(path, parts));
  pid_t child = fork();
  if (child == 0) { // a full disk, as far as write() can tell
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{100, 100};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::string big(1000, 'x');
    std::string_view many[] = {big};
    Status status = writeFileAtomically(path, many);
    _exit(status && status->exit == kIo ? 0 : 1);
  }
  int status;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(readText(path), "old");
  EXPECT_EQ(dir.count(), 1u);
}

TEST(AtomicFile, RefusesWhatCannotBeReplaced) {
  TemporaryDirectory dir;
  std::string_view parts[] = {"x"};
  for (std::string path : {std::string("/dev/full"), dir.path, std::string(),
                           dir.file("none/t"), std::string("/proc/gradmill")}) {
    Status status = writeFileAtomically(path, parts);
    ASSERT_TRUE(bool(status)) << path;
    EXPECT_EQ(status->code, "write_failed");
    EXPECT_TRUE(bool(checkWritable(path)));
  }
  EXPECT_FALSE(checkWritable(dir.file("t")));
  EXPECT_EQ(dir.count(), 0u);
}

TEST(AtomicFile, FollowsSymbolicLinks) {
  TemporaryDirectory dir;
  writeText(dir.file("real"), "old");
  std::filesystem::create_symlink(dir.file("real"), dir.file("link"));
  std::string_view parts[] = {"new"};
  ASSERT_FALSE(writeFileAtomically(dir.file("link"), parts));
  EXPECT_EQ(readText(dir.file("real")), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(dir.file("link")));
}

} // namespace gradmill::rt
