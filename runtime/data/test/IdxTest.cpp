#include "data/Idx.h"

#include "IdxFiles.h"
#include "data/Random.h"

#include <cmath>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace gradmill::rt::test {
namespace {

const Pixels &imagesOf(const Result<Dataset> &data) {
  return data->columns[0].values;
}

struct Idx : ::testing::Test {
  TemporaryDirectory at;
  IdxOptions options;

  Result<Dataset> read(const Bytes &images, const Bytes &labels) {
    return readIdx(at.put("images", images), at.put("labels", labels), "set",
                   options);
  }
  std::string codeOf(const Bytes &images, const Bytes &labels) {
    Result<Dataset> data = read(images, labels);
    return data ? "none" : data.error().code;
  }
};

TEST_F(Idx, ReadsPlainAndGzipAlike) {
  Result<Dataset> plain = read(imagesFile(3), labelsFile(3));
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->size(), 3u);
  const Column &image = plain->columns[0], &label = plain->columns[1];
  EXPECT_EQ(image.name, "image");
  EXPECT_EQ(image.shape, (std::vector<int64_t>{1, 28, 28}));
  EXPECT_EQ(label.name, "label");
  EXPECT_EQ(label.values, (Pixels{0, 1, 2}));
  EXPECT_TRUE(label.target);
  EXPECT_EQ(label.classes, 3);
  Result<Dataset> packed = read(gzip(imagesFile(3)), gzip(labelsFile(3)));
  ASSERT_TRUE(packed) << packed.error().message;
  EXPECT_EQ(image.values, imagesOf(packed));
}

TEST_F(Idx, ReadsSeveralGzipMembersAsOneFile) {
  Bytes whole = imagesFile(3);
  Bytes file = gzip(Bytes(whole.begin(), whole.begin() + 1000));
  Bytes rest = gzip(Bytes(whole.begin() + 1000, whole.end()));
  file.insert(file.end(), rest.begin(), rest.end());
  Result<Dataset> data = read(file, labelsFile(3));
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(imagesOf(data), Bytes(whole.begin() + 16, whole.end()));
}

TEST_F(Idx, TruncationAtEveryHeaderByteIsAnError) {
  Bytes images = imagesFile(2, 3, 3), labels = labelsFile(2);
  for (size_t n = 0; n < images.size(); ++n) {
    Bytes cut(images.begin(), images.begin() + ptrdiff_t(n));
    EXPECT_EQ(codeOf(cut, labels), "idx_truncated") << n;
    EXPECT_EQ(codeOf(gzip(cut), labels), "idx_truncated") << n;
  }
  for (size_t n = 0; n < labels.size(); ++n)
    EXPECT_EQ(codeOf(images, Bytes(labels.begin(), labels.begin() + long(n))),
              "idx_truncated")
        << n;
}

TEST_F(Idx, TruncatedGzipIsAnErrorAtEveryLength) {
  Bytes packed = gzip(imagesFile(2, 3, 3));
  for (size_t n = 2; n < packed.size(); ++n)
    EXPECT_EQ(
        codeOf(Bytes(packed.begin(), packed.begin() + long(n)), labelsFile(2)),
        "gzip_damaged")
        << n;
}

TEST_F(Idx, FlippedGzipBytesNeverGiveWrongPixels) {
  Bytes packed = gzip(imagesFile(2, 3, 3));
  Pixels pixels = imagesOf(read(packed, labelsFile(2)));
  for (size_t i = 0; i < packed.size(); ++i) {
    Bytes bad = packed;
    bad[i] ^= 0x55;
    Result<Dataset> data = read(bad, labelsFile(2));
    if (data) // time stamp and system id in the gzip header
      EXPECT_EQ(imagesOf(data), pixels) << i;
  }
}

TEST_F(Idx, TrailingBytesAreAnError) {
  Bytes images = imagesFile(2, 3, 3);
  images.push_back(0);
  EXPECT_EQ(codeOf(images, labelsFile(2)), "idx_trailing");
  EXPECT_EQ(codeOf(gzip(images), labelsFile(2)), "idx_trailing");
  Bytes garbage = gzip(imagesFile(2, 3, 3));
  garbage.push_back('x');
  EXPECT_NE(codeOf(garbage, labelsFile(2)), "none");
}

TEST_F(Idx, WrongMagicSaysWhatTheFileIs) {
  Bytes images = imagesFile(2, 3, 3);
  images[2] = 0x0d; // floats
  EXPECT_EQ(codeOf(images, labelsFile(2)), "idx_magic");
  Result<Dataset> swapped = read(labelsFile(2), imagesFile(2, 3, 3));
  ASSERT_FALSE(swapped);
  EXPECT_EQ(swapped.error().code, "idx_magic");
  EXPECT_EQ(swapped.error().exit, kBadInput);
  EXPECT_NE(swapped.error().message.find("file of images"), std::string::npos);
}

TEST_F(Idx, ZeroSizesAreAnError) {
  for (size_t dim = 0; dim < 3; ++dim) {
    Bytes images = imagesFile(1, 3, 3);
    images[4 + 4 * dim + 3] = 0;
    EXPECT_EQ(codeOf(images, labelsFile(1)), "idx_empty");
  }
}

TEST_F(Idx, HugeSizesInATinyFileDoNotAllocate) {
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  for (uint32_t count : {0x80000000u, 0xffffffffu, 0x100000u}) {
    Bytes images;
    for (uint32_t word : {0x803u, count, 28u, 28u})
      putWord(images, word);
    EXPECT_NE(codeOf(images, labelsFile(1)), "none");
    Bytes labels;
    putWord(labels, 0x801);
    putWord(labels, count);
    EXPECT_EQ(codeOf(imagesFile(1), labels), "idx_truncated");
    // A packed file may promise as much as --max-unpack allows.
    EXPECT_EQ(codeOf(imagesFile(1), gzip(labels)),
              count > 64 << 20 ? "unpack_limit" : "idx_truncated");
  }
  Bytes wide;
  for (uint32_t word : {0x803u, 1u, 0xffffffffu, 0xffffffffu})
    putWord(wide, word);
  EXPECT_EQ(codeOf(wide, labelsFile(1)), "idx_too_large");
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 * 1024); // KiB
}

TEST_F(Idx, GzipBombStopsAtTheDeclaredSize) {
  // 256 MiB of zeros in 250 KB, behind a header that declares one image.
  Bytes plain = imagesFile(1);
  plain.resize(size_t(256) << 20);
  Bytes bomb = gzip(plain);
  plain = {};
  EXPECT_EQ(codeOf(bomb, labelsFile(1)), "idx_trailing");
}

// A header that is honest about 80 MB of zeros in 80 KB: as much as that is
// unpacked only if it was asked for.
TEST_F(Idx, UnpacksInProportion) {
  constexpr uint32_t count = 100'000;
  Bytes plain;
  for (uint32_t word : {0x803u, count, 28u, 28u})
    putWord(plain, word);
  plain.resize(plain.size() + size_t(count) * 784);
  std::string images = at.put("i", gzip(plain)),
              labels = at.put("l", labelsFile(count));
  Result<Dataset> refused = readIdx(images, labels, "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "unpack_limit");
  EXPECT_NE(refused.error().message.find("--max-unpack"), std::string::npos);
  EXPECT_TRUE(readIdx(images, labels, "x", {.maxUnpack = 1100}));
  at.put("i", plain); // not packed: no limit
  EXPECT_TRUE(readIdx(images, labels, "x"));
}

// Images are not mapped: whoever shortens the file changes nothing any more.
TEST_F(Idx, FilesThatShrinkAfterwardsAreInMemory) {
  std::string images = at.put("i", imagesFile(2000)),
              labels = at.put("l", labelsFile(2000));
  Result<Dataset> data = readIdx(images, labels, "x");
  ASSERT_TRUE(data);
  std::filesystem::resize_file(images, 100);
  std::filesystem::resize_file(labels, 0);
  uint32_t sum = 0;
  for (uint8_t pixel : imagesOf(data))
    sum += pixel;
  EXPECT_GT(sum, 0u);
}

TEST_F(Idx, APipeIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo((at / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(readIdx(at / "pipe", at / "pipe", "x").error().code, "not_a_file");
}

TEST_F(Idx, LabelsOutOfRangeNameTheirPosition) {
  Bytes labels = labelsFile(4);
  labels[8 + 2] = 10;
  options.classes = 10;
  Result<Dataset> data = read(imagesFile(4), labels);
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().code, "idx_label_range");
  EXPECT_NE(data.error().message.find("position 2"), std::string::npos);
}

TEST_F(Idx, CountsMustAgree) {
  EXPECT_EQ(codeOf(imagesFile(3), labelsFile(4)), "idx_count_mismatch");
}

TEST_F(Idx, MissingFileAndDirectoryAreErrors) {
  Result<Dataset> none = readIdx(at / "no", at / "nor", "x");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "file_not_found");
  EXPECT_EQ(none.error().exit, kIo);
  EXPECT_EQ(readIdx(at.path, at.path, "x").error().code, "not_a_file");
}

TEST_F(Idx, DirectoryAcceptsEveryUsualName) {
  for (const char *folder : {"a/", "b/raw/", "c/MNIST/raw/"})
    for (const char *separator : {"-", "."})
      for (bool packed : {false, true}) {
        TemporaryDirectory place;
        putSet(place, folder, separator, packed);
        Result<DatasetSplit> data =
            readIdxDirectory(place / std::string(folder, 1));
        ASSERT_TRUE(data) << data.error().message;
        EXPECT_EQ(data->train.size(), 20u);
        EXPECT_EQ(data->test.size(), 10u);
        EXPECT_EQ(data->train.name, "mnist/train");
      }
}

TEST_F(Idx, DirectoryWithoutFilesListsThem) {
  Result<DatasetSplit> data = readIdxDirectory(at.path);
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().code, "idx_missing");
  for (const char *name :
       {"train-images", "train-labels", "t10k-images", "t10k-labels"})
    EXPECT_NE(data.error().message.find(name), std::string::npos);
  putSet(at, "", "-", true);
  std::remove((at / "t10k-labels-idx1-ubyte.gz").c_str());
  std::string message = readIdxDirectory(at.path).error().message;
  EXPECT_NE(message.find("t10k-labels"), std::string::npos);
  EXPECT_EQ(message.find("train-images"), std::string::npos);
}

TEST_F(Idx, SplitsMustHaveOneShape) {
  putSet(at, "", "-", false);
  at.put("t10k-images-idx3-ubyte", imagesFile(10, 14, 28));
  EXPECT_EQ(readIdxDirectory(at.path).error().code, "idx_shape_mismatch");
}

// --- Other sets than MNIST ---------------------------------------------------

TEST_F(Idx, ColourPicturesHaveFourSizes) {
  Bytes images;
  for (uint32_t word : {0x804u, 2u, 3u, 2u, 4u})
    putWord(images, word);
  for (int i = 0; i < 2 * 3 * 2 * 4; ++i)
    images.push_back(uint8_t(i));
  Result<Dataset> data = read(images, labelsFile(2));
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->columns[0].shape, (std::vector<int64_t>{3, 2, 4}));
  EXPECT_EQ(imagesOf(data)[47], 47);
  for (size_t n = 0; n < images.size(); ++n)
    EXPECT_EQ(
        codeOf(Bytes(images.begin(), images.begin() + long(n)), labelsFile(2)),
        "idx_truncated");
}

TEST_F(Idx, TransposedPicturesAreTurnedUpright) {
  options.transposed = true;
  Bytes images;
  for (uint32_t word : {0x803u, 2u, 2u, 3u})
    putWord(images, word);
  for (uint8_t i = 0; i < 12; ++i)
    images.push_back(i);
  Result<Dataset> data = read(images, labelsFile(2));
  ASSERT_TRUE(data);
  EXPECT_EQ(data->columns[0].shape, (std::vector<int64_t>{1, 3, 2}));
  EXPECT_EQ(imagesOf(data), (Pixels{0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11}));
}

TEST_F(Idx, LabelsMayBeginAtOne) {
  Bytes labels;
  putWord(labels, 0x801);
  putWord(labels, 3);
  labels.insert(labels.end(), {1, 26, 2});
  options.base = 1;
  Result<Dataset> data = read(imagesFile(3), labels);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->columns[1].values, (Pixels{0, 25, 1}));
  EXPECT_EQ(data->columns[1].classes, 26);
  labels.back() = 0;
  EXPECT_EQ(codeOf(imagesFile(3), labels), "idx_label_range");
}

TEST_F(Idx, LabelsWiderThanAByte) {
  Bytes shorts;
  putWord(shorts, 0xb01);
  putWord(shorts, 2);
  shorts.insert(shorts.end(), {0x01, 0x02, 0x00, 0x05});
  Bytes ints;
  for (uint32_t word : {0xc01u, 2u, 0x102u, 5u})
    putWord(ints, word);
  for (const Bytes &labels : {shorts, ints}) {
    Result<Dataset> data = read(imagesFile(2), labels);
    ASSERT_TRUE(data) << data.error().message;
    const Column &label = data->columns[1];
    EXPECT_EQ(label.dtype, DType::I32);
    EXPECT_EQ(label.classes, 0x103);
    EXPECT_EQ(label.values, (Pixels{2, 1, 0, 0, 5, 0, 0, 0}));
  }
  shorts[8] = 0xff; // negative
  EXPECT_EQ(codeOf(imagesFile(2), shorts), "idx_label_range");
  ints[8] = 0x7f; // no class number
  EXPECT_EQ(codeOf(imagesFile(2), ints), "idx_label_range");
}

TEST_F(Idx, BothSplitsHaveTheClassesOfTheLarger) {
  putSet(at, "", "-", false, 5, 10);
  Result<DatasetSplit> data = readIdxDirectory(at.path);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->train.columns[1].classes, 10);
  EXPECT_EQ(data->test.columns[1].classes, 10);
}

TEST_F(Idx, NamesWithAPrefix) {
  putSet(at, "emnist-letters-", "-", true);
  options.prefix = "emnist-letters";
  EXPECT_TRUE(readIdxDirectory(at.path, "emnist", options));
  options.prefix = "emnist-digits";
  Result<DatasetSplit> data = readIdxDirectory(at.path, "emnist", options);
  ASSERT_FALSE(data);
  EXPECT_NE(data.error().message.find("emnist-digits-train-images"),
            std::string::npos);
}

// Any bytes are an error or a set that fits its own header.
TEST_F(Idx, RandomBytesNeverGiveASetThatDoesNotFit) {
  RandomStream random(5, Purpose::Digits, 0);
  Bytes images = imagesFile(4, 5, 6), labels = labelsFile(4);
  for (int trial = 0; trial < 300; ++trial) {
    Bytes file = images, other = labels;
    for (uint64_t k = random.below(4); k < 5; ++k) {
      file[random.below(trial % 2 ? 20 : file.size())] = uint8_t(random.bits());
      if (k % 2)
        other[random.below(other.size())] = uint8_t(random.bits());
    }
    Result<Dataset> data = read(trial % 3 ? file : gzip(file), other);
    if (!data)
      continue;
    for (const Column &column : data->columns)
      ASSERT_EQ(column.values.size(), data->samples * column.bytes());
  }
}

TEST(Mnist, RealFilesHaveTheKnownStatistics) {
  const char *directory = std::getenv("GRADMILL_MNIST_DIR");
  if (!directory)
    GTEST_SKIP() << "GRADMILL_MNIST_DIR is not set: no real MNIST to read";
  Result<DatasetSplit> data = readIdxDirectory(directory);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->train.size(), 60000u);
  EXPECT_EQ(data->test.size(), 10000u);
  uint64_t sum = 0, squares = 0;
  const Pixels &pixels = data->train.columns[0].values;
  for (uint8_t p : pixels)
    sum += p, squares += uint64_t(p) * p;
  double n = double(pixels.size()) * 255;
  double mean = double(sum) / n;
  double deviation = std::sqrt(double(squares) / (n * 255) - mean * mean);
  EXPECT_NEAR(mean, 0.130660, 1e-6);
  EXPECT_NEAR(deviation, 0.308108, 1e-6);
}

} // namespace
} // namespace gradmill::rt::test
