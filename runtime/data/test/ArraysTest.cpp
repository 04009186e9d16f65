// npy, npz and safetensors.
#include "IdxFiles.h"
#include "checkpoint/SafeTensors.h"
#include "data/Elements.h"
#include "data/Open.h"
#include "data/Random.h"
#include "data/sources/Zip.h"

#include <bit>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace gradmill::rt::test {
namespace {

void putNumber(Bytes &out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    out.push_back(uint8_t(value >> (8 * i)));
}

Bytes npy(const std::string &descr, const std::string &shape, const Bytes &data,
          bool fortran = false) {
  std::string header = "{'descr': '" + descr +
                       "', 'fortran_order': " + (fortran ? "True" : "False") +
                       ", 'shape': " + shape + ", }";
  header.resize((10 + header.size()) / 64 * 64 + 64 - 10 - 1, ' ');
  header += '\n';
  Bytes out{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  putNumber(out, header.size(), 2);
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

template <typename T> Bytes bytesOf(const std::vector<T> &values) {
  Bytes bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

Bytes counting(size_t size) {
  Bytes bytes(size);
  for (size_t i = 0; i < size; ++i)
    bytes[i] = uint8_t(i);
  return bytes;
}

Bytes deflated(const Bytes &plain) {
  Bytes out(plain.size() + 100);
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  z.next_in = const_cast<Bytef *>(plain.data());
  z.avail_in = uInt(plain.size());
  z.next_out = out.data();
  z.avail_out = uInt(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

using Files = std::vector<std::pair<std::string, Bytes>>;

Bytes zip(const Files &files, bool packs) {
  Bytes out, directory;
  for (const auto &[name, plain] : files) {
    Bytes data = packs ? deflated(plain) : plain;
    uint32_t start = uint32_t(out.size());
    auto common = [&](Bytes &to) {
      for (uint32_t word : {20u, 0u, packs ? 8u : 0u, 0u, 0u})
        putNumber(to, word, 2);
      putNumber(to, crc32(0, plain.data(), uInt(plain.size())), 4);
      putNumber(to, data.size(), 4);
      putNumber(to, plain.size(), 4);
      putNumber(to, name.size(), 2);
      putNumber(to, 0, 2);
    };
    putNumber(out, 0x04034b50, 4);
    common(out);
    out.insert(out.end(), name.begin(), name.end());
    out.insert(out.end(), data.begin(), data.end());
    putNumber(directory, 0x02014b50, 4);
    putNumber(directory, 20, 2);
    common(directory);
    putNumber(directory, 0, 2); // comment, disk, attributes
    putNumber(directory, 0, 2);
    putNumber(directory, 0, 2);
    putNumber(directory, 0, 4);
    putNumber(directory, start, 4);
    directory.insert(directory.end(), name.begin(), name.end());
  }
  uint32_t start = uint32_t(out.size());
  out.insert(out.end(), directory.begin(), directory.end());
  putNumber(out, 0x06054b50, 4);
  putNumber(out, 0, 4);
  putNumber(out, files.size(), 2);
  putNumber(out, files.size(), 2);
  putNumber(out, directory.size(), 4);
  putNumber(out, start, 4);
  putNumber(out, 0, 2);
  return out;
}

template <typename T> std::vector<T> valuesOf(const Column &column) {
  std::vector<T> values(column.values.size() / sizeof(T));
  std::memcpy(values.data(), column.values.data(), column.values.size());
  return values;
}

struct Arrays : ::testing::Test {
  TemporaryDirectory at;

  Result<DatasetSplit> open(const std::string &name, const Bytes &bytes,
                            const std::string &options = "holdout=0") {
    return openDataset(at.put(name, bytes) + "?" + options, {});
  }
  // The error's code, after checking that a set is what it says.
  std::string codeOf(const Result<DatasetSplit> &data) {
    if (!data)
      return data.error().code;
    for (const Dataset *set : {&data->train, &data->test})
      for (const Column &column : set->columns)
        EXPECT_EQ(column.values.size(), set->samples * column.bytes());
    return "none";
  }
};

TEST_F(Arrays, NumbersOfEveryType) {
  struct Case {
    const char *descr;
    Bytes data;
    DType dtype;
    std::vector<double> wanted;
  };
  const Case cases[] = {
      {"|u1", {1, 255}, DType::U8, {1, 255}},
      {"|b1", {1, 0}, DType::U8, {1, 0}},
      {"|i1", {1, 0xfe}, DType::I32, {1, -2}},
      {"<i2", {1, 0, 0xfe, 0xff}, DType::I32, {1, -2}},
      {">u2", {1, 0, 0xfe, 0xff}, DType::I32, {256, 65279}},
      {"<i4", bytesOf<int32_t>({7, -7}), DType::I32, {7, -7}},
      {">i4", {0, 0, 0, 7, 0xff, 0xff, 0xff, 0xf9}, DType::I32, {7, -7}},
      {"<u4", {0, 0, 0, 0x80, 1, 0, 0, 0}, DType::I64, {2147483648.0, 1}},
      {"<i8",
       bytesOf<int64_t>({-1, 1ll << 40}),
       DType::I64,
       {-1, 1099511627776.0}},
      {"<u8",
       bytesOf<int64_t>({5, 1ll << 40}),
       DType::I64,
       {5, 1099511627776.0}},
      {"<f2", {0, 0x3c, 0x01, 0x80}, DType::F32, {1, -0x1p-24}},
      {"<f4", bytesOf<float>({0.5f, -3}), DType::F32, {0.5, -3}},
      {">f4", {0x3f, 0, 0, 0, 0xc0, 0x40, 0, 0}, DType::F32, {0.5, -3}},
      {"<f8", bytesOf<double>({0.1, 2}), DType::F64, {0.1, 2}},
  };
  for (const Case &c : cases) {
    auto data = open("x.npy", npy(c.descr, "(2,)", c.data));
    ASSERT_TRUE(data) << data.error().message;
    const Column &x = data->train.columns[0];
    EXPECT_EQ(x.dtype, c.dtype) << c.descr;
    for (size_t i = 0; i < 2; ++i) {
      double value = withType(x.dtype, [&](auto type) {
        return double(load<decltype(type)>(x.values.data(), i));
      });
      EXPECT_EQ(value, c.wanted[i]) << c.descr;
    }
  }
  EXPECT_EQ(codeOf(open("x.npy", npy("<u8", "(1,)", Bytes(8, 0xff)))),
            "data_columns");
  for (const char *descr : {"<c8", "|S3", "|O", "<U4", "<f3", "f4"})
    EXPECT_EQ(codeOf(open("x.npy", npy(descr, "(1,)", Bytes(8)))), "bad_npy");
}

TEST_F(Arrays, HeadersThatLie) {
  EXPECT_EQ(codeOf(open("x.npy", npy("|u1", "(3, 2)", counting(6)))), "none");
  for (const char *shape : {"(7,)", "(3, 3)", "(4294967296, 4294967296)", "(6)",
                            "()", "(-6,)", "(9223372036854775807,)", "6"})
    EXPECT_EQ(codeOf(open("x.npy", npy("|u1", shape, counting(6)))), "bad_npy")
        << shape;
  EXPECT_EQ(codeOf(open("x.npy", npy("|u1", "(0,)", {}))), "data_columns");
  EXPECT_EQ(codeOf(open("x.npy", npy("|u1", "(4611686018427387904, 0)", {}))),
            "data_columns");
  EXPECT_EQ(codeOf(open("x.npy", npy("|u1", "(3, 2)", counting(6), true))),
            "bad_npy");
}

TEST_F(Arrays, AnArchiveWithASplitOfItsOwn) {
  for (bool packs : {false, true}) {
    auto data =
        open("set.npz",
             zip({{"x_train.npy", npy("|u1", "(3, 2, 2)", counting(12))},
                  {"y_train.npy", npy("|u1", "(3,)", {0, 1, 2})},
                  {"x_test.npy", npy("|u1", "(1, 2, 2)", {9, 8, 7, 6})},
                  {"y_test.npy", npy("|u1", "(1,)", {2})}},
                 packs),
             "columns=x,y");
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ(data->train.samples, 3u);
    EXPECT_EQ(data->test.samples, 1u);
    EXPECT_EQ(data->train.find("x")->shape, (std::vector<int64_t>{2, 2}));
    EXPECT_EQ(data->test.find("x")->values, (Pixels{9, 8, 7, 6}));
    EXPECT_TRUE(data->train.find("y")->target);
    EXPECT_EQ(codeOf(data), "none");
  }
}

TEST_F(Arrays, ArraysWithoutASplit) {
  Bytes file =
      zip({{"a.npy", npy("<f4", "(10, 2)", bytesOf(std::vector<float>(20, 1)))},
           {"b.npy", npy("|u1", "(10,)", counting(10))},
           {"mean.npy", npy("|u1", "(3,)", {1, 2, 3})}},
          true);
  EXPECT_EQ(codeOf(open("s.npz", file)), "data_columns"); // 10 and 3 samples
  auto data = open("s.npz", file, "columns=a,b&target=b&holdout=0.2");
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->train.samples, 8u);
  EXPECT_EQ(data->test.samples, 2u);
  EXPECT_TRUE(data->train.find("b")->target);
  auto none = open("s.npz", file, "columns=a,c");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("no array c"), std::string::npos);
}

TEST_F(Arrays, AFolderOfArrays) {
  at.put("set/images.npy", npy("|u1", "(4, 2)", counting(8)));
  at.put("set/labels.npy", npy("|u1", "(4,)", {0, 1, 2, 1}));
  auto data = openDataset((at / "set") + "?holdout=0.5", {});
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_TRUE(data->train.find("labels")->target);
  EXPECT_EQ(data->train.find("images")->shape, (std::vector<int64_t>{2}));
}

TEST_F(Arrays, ChannelsLastBecomeChannelsFirst) {
  auto data = open("x.npy", npy("<i2", "(2, 1, 2, 3)", counting(24)),
                   "holdout=0&layout=hwc");
  ASSERT_TRUE(data) << data.error().message;
  const Column &x = data->train.columns[0];
  EXPECT_EQ(x.shape, (std::vector<int64_t>{3, 1, 2}));
  auto values = valuesOf<int32_t>(x);
  for (int &value : values)
    value &= 0xff;
  EXPECT_EQ(values,
            (std::vector<int32_t>{0, 6, 2, 8, 4, 10, 12, 18, 14, 20, 16, 22}));
}

TEST_F(Arrays, SafeTensors) {
  std::vector<float> x{1, 2, 3, 4, 5, 6};
  std::vector<uint16_t> half{0x3f80, 0xc000, 0};
  std::vector<int64_t> y{0, 1, 2};
  std::string path = at / "set.safetensors";
  ASSERT_FALSE(writeSafeTensors(path,
                                {{"x", "F32", {3, 2}, x.data(), 24},
                                 {"w", "BF16", {3}, half.data(), 6},
                                 {"y", "I64", {3}, y.data(), 24}},
                                {}));
  auto data = openDataset(path + "?holdout=0", {});
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(valuesOf<float>(*data->train.find("x")), x);
  EXPECT_EQ(valuesOf<float>(*data->train.find("w")),
            (std::vector<float>{1, -2, 0}));
  EXPECT_EQ(valuesOf<int64_t>(*data->train.find("y")), y);
  EXPECT_TRUE(data->train.find("y")->target);
  ASSERT_FALSE(
      writeSafeTensors(path, {{"x", "F8_E4M3", {3}, x.data(), 3}}, {}));
  EXPECT_EQ(codeOf(openDataset(path, {})), "data_columns");
}

// --- Hostile files -----------------------------------------------------------

TEST_F(Arrays, ZipsThatLie) {
  Files one{{"x.npy", npy("|u1", "(3,)", {1, 2, 3})}};
  Bytes good = zip(one, false), packed = zip(one, true);
  EXPECT_EQ(codeOf(open("x.npz", {})), "zip_damaged");
  for (const Bytes &file : {good, packed})
    for (size_t n = 0; n < file.size(); ++n)
      EXPECT_NE(
          codeOf(open("x.npz", Bytes(file.begin(), file.begin() + long(n)))),
          "none")
          << n;
  Bytes bomb = zip({{"x.npy", Bytes(size_t(100) << 20)}}, true);
  EXPECT_EQ(codeOf(open("x.npz", bomb)), "unpack_limit");
  // Many names for the same bytes.
  Files many(300, {"x.npy", Bytes(1 << 20)});
  EXPECT_EQ(codeOf(open("x.npz", zip(many, true))), "unpack_limit");
  Files twice{one[0], one[0]};
  EXPECT_EQ(codeOf(open("x.npz", zip(twice, false))), "data_columns");
}

// Some files of a large archive, by the last part of their paths.
TEST_F(Arrays, ZipMembersByName) {
  std::string path = at / "all.zip";
  Bytes archive = zip({{"gzip/", {}}, {"gzip/a.gz", {1, 2}}, {"gzip/b.gz", {3}}}, false);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char *>(archive.data()), long(archive.size()));
  auto found = readZip(path, 100, {"b.gz"});
  ASSERT_TRUE(bool(found)) << found.error().message;
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].name, "gzip/b.gz");
  EXPECT_EQ((*found)[0].bytes, Bytes{3});
  EXPECT_EQ(readZip(path, 100)->size(), 3u);
}

TEST_F(Arrays, RandomBytes) {
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  Bytes array = npy("<i2", "(4, 3)", counting(24));
  Bytes archive = zip(
      {{"x.npy", array}, {"y.npy", npy("|u1", "(4,)", {0, 1, 2, 3})}}, true);
  std::vector<float> x{1, 2, 3, 4};
  ASSERT_FALSE(writeSafeTensors(at / "s.safetensors",
                                {{"x", "F32", {4}, x.data(), 16}}, {}));
  std::ifstream in(at / "s.safetensors", std::ios::binary);
  Bytes tensors{std::istreambuf_iterator<char>(in), {}};
  RandomStream random(6, Purpose::Digits, 0);
  for (int trial = 0; trial < 900; ++trial) {
    const Bytes &whole = trial % 3 == 0   ? array
                         : trial % 3 == 1 ? archive
                                          : tensors;
    const char *name = trial % 3 == 0   ? "x.npy"
                       : trial % 3 == 1 ? "x.npz"
                                        : "x.safetensors";
    Bytes file = whole;
    for (uint64_t n = random.below(6); n > 0; --n) {
      size_t limit =
          random.below(2) ? file.size() : std::min<size_t>(file.size(), 130);
      file[random.below(limit)] = uint8_t(random.bits() >> 8);
    }
    if (random.below(4) == 0)
      file.resize(random.below(file.size()) + 1);
    codeOf(open(name, file));
  }
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 256 * 1024); // KiB
}

} // namespace
} // namespace gradmill::rt::test
