#include "checkpoint/SafeTensors.h"
#include "test/Testing.h"

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

static std::string sized(const std::string &json) {
  std::string file(8, '\0');
  for (int i = 0; i < 8; ++i)
    file[size_t(i)] = char(json.size() >> (8 * i));
  return file + json;
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

// What handles JSON values afterwards is recursive: a million levels would
// overflow the stack.
TEST(SafeTensors, RefusesDeepNesting) {
  TemporaryDirectory dir;
  std::string path = dir.file("t");
  std::string deep(1'000'000, '['), json = R"({"__metadata__":{"a":)" + deep;
  expectBad(path, sized(json), "JSON");
  json += std::string(deep.size(), ']') + "}}";
  expectBad(path, sized(json), "JSON");
  // Brackets within strings are none.
  json = R"({"__metadata__":{"a":"\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}})";
  writeText(path, sized(json));
  EXPECT_TRUE(bool(readSafeTensors(path)));
}

TEST(SafeTensors, RefusesWhatIsNoFile) {
  TemporaryDirectory dir;
  for (std::string path : {dir.path, std::string("/dev/zero")}) {
    auto file = readSafeTensors(path);
    ASSERT_FALSE(bool(file));
    EXPECT_EQ(file.error().code, "not_a_file");
  }
  EXPECT_EQ(readSafeTensors(dir.file("none")).error().code, "file_not_found");
}

// Other programs write no checksum; what has metadata of ours must have one.
TEST(SafeTensors, ChecksumsMayNotGoMissing) {
  TemporaryDirectory dir;
  expectBad(dir.file("t"),
            sized(R"({"__metadata__":{"gradmill.format":"weights"}})"),
            "checksum is missing");
  expectBad(
      dir.file("t"),
      sized(R"({"__metadata__":{"gradmill.file_crc32":"00000000"}})"),
      "mismatch");
  // Written again by a program that formats JSON in another way.
  expectBad(
      dir.file("t"),
      sized(R"({"__metadata__": {"gradmill.file_crc32": "00000000"}})"),
      "mismatch");
}

// Every bit of a file counts, be it of a name, a number, white space or the
// checksum itself.
TEST(SafeTensorsFuzz, TruncationsAndFlips) {
  TemporaryDirectory dir;
  std::string path = dir.file("good"), bad = dir.file("bad");
  ASSERT_FALSE(writeSafeTensors(
      path, sample(), {{"step", "100"}, {"gradmill.format", "weights"}}));
  std::string good = readText(path);
  ASSERT_TRUE(bool(readSafeTensors(path)));
  for (size_t size = 0; size < good.size(); ++size) {
    writeText(bad, good.substr(0, size));
    EXPECT_FALSE(bool(readSafeTensors(bad))) << size;
  }
  for (size_t i = 0; i < good.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = good;
      flipped[i] = char(flipped[i] ^ (1 << bit));
      writeText(bad, flipped);
      EXPECT_FALSE(bool(readSafeTensors(bad))) << i << ": " << flipped[i];
    }
}

} // namespace gradmill::rt
