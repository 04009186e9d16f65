// Folders of pictures, and CIFAR's files.
#include "IdxFiles.h"
#include "data/Open.h"
#include "data/Png.h"
#include "data/Random.h"

#include <gtest/gtest.h>

namespace gradmill::rt::test {
namespace {

using Shape = std::vector<int64_t>;

struct Pictures : ::testing::Test {
  TemporaryDirectory at;

  void putPng(const std::string &name, const Bytes &pixels, int channels = 1,
              int height = 2, int width = 2) {
    at.put(name, {}); // makes the folder
    ASSERT_FALSE(writePng(at / name, channels, height, width, pixels));
  }
  void putClasses(const std::string &folder) {
    putPng(folder + "cat/b.png", {1, 2, 3, 4});
    putPng(folder + "cat/a.png", {5, 6, 7, 8});
    putPng(folder + "ant/z.PNG", {9, 9, 9, 9});
    at.putText(folder + "cat/.hidden.png", "x");
    at.putText(folder + "cat/notes.txt", "x");
  }
  Result<DatasetSplit> open(const std::string &options = "") {
    return openDataset(at.path + (options.empty() ? "" : "?" + options), {});
  }
};

TEST_F(Pictures, ASubfolderIsAClass) {
  putClasses("");
  auto data = open("holdout=0");
  ASSERT_TRUE(data) << data.error().message;
  const Column &image = data->train.columns[0], &label = data->train.columns[1];
  EXPECT_EQ(image.shape, (Shape{1, 2, 2}));
  EXPECT_EQ(image.values, (Pixels{9, 9, 9, 9, 5, 6, 7, 8, 1, 2, 3, 4}));
  EXPECT_EQ(label.classNames, (std::vector<std::string>{"ant", "cat"}));
  EXPECT_EQ(label.classes, 2);
  EXPECT_EQ(label.values, (Pixels{0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(open("rgb&holdout=0")->train.columns[0].shape, (Shape{3, 2, 2}));
}

TEST_F(Pictures, OnePictureInColourMakesAllSo) {
  putClasses("");
  putPng("dog/x.png", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 3);
  auto data = open("holdout=0");
  ASSERT_TRUE(data) << data.error().message;
  const Column &image = data->train.columns[0];
  EXPECT_EQ(image.shape, (Shape{3, 2, 2}));
  EXPECT_EQ(Bytes(image.values.begin() + 12, image.values.begin() + 24),
            (Bytes{5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8}));
  EXPECT_EQ(Bytes(image.values.begin() + 36, image.values.end()),
            (Bytes{1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12}));
  EXPECT_EQ(open("grey&holdout=0")->train.columns[0].shape, (Shape{1, 2, 2}));
  EXPECT_EQ(open("grey&rgb").error().code, "data_option");
}

TEST_F(Pictures, SizesMustAgreeOrAreScaled) {
  putClasses("");
  putPng("dog/x.png", Bytes(6, 100), 1, 2, 3);
  auto data = open();
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().code, "picture_size");
  EXPECT_NE(data.error().message.find("dog/x.png"), std::string::npos);
  auto scaled = open("size=4x6&holdout=0");
  ASSERT_TRUE(scaled) << scaled.error().message;
  EXPECT_EQ(scaled->train.columns[0].shape, (Shape{1, 4, 6}));
  putPng("dog/x.png", Bytes(5000, 100), 1, 1, 5000);
  EXPECT_EQ(openDataset("png:" + at.path + "?holdout=0", {}).error().code,
            "picture_size");
  for (const char *size : {"size=4", "size=0x4", "size=4x", "size=4x5x6",
                           "size=-4x4", "size=99999x1", "size=x"})
    EXPECT_EQ(open(size).error().code, "data_option") << size;
}

TEST_F(Pictures, FoldersWithASplit) {
  putClasses("train/");
  putPng("val/cat/c.png", {7, 7, 7, 7});
  auto data = open();
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->train.samples, 3u);
  EXPECT_EQ(data->test.samples, 1u);
  EXPECT_EQ(data->test.columns[1].values, (Pixels{1, 0, 0, 0}));
  EXPECT_EQ(open("seed=2").error().code, "data_option");
  EXPECT_EQ(open("holdout=0.5&png").error().code, "data_option");
  putPng("val/bee/c.png", {7, 7, 7, 7});
  EXPECT_EQ(open().error().code, "data_split");
}

TEST_F(Pictures, EmptyFoldersAndBrokenPictures) {
  putClasses("");
  EXPECT_EQ(openDataset("png:" + (at / "cat"), {}).error().code,
            "folder_empty");
  at.putText("cat/broken.png", "no picture");
  EXPECT_EQ(open().error().code, "png_signature");
}

// --- CIFAR -------------------------------------------------------------------

Bytes records(size_t count, size_t labelBytes, uint8_t classes) {
  Bytes out;
  for (size_t i = 0; i < count; ++i) {
    for (size_t k = 0; k < labelBytes; ++k)
      out.push_back(uint8_t((i + k) % classes));
    for (size_t k = 0; k < 3072; ++k)
      out.push_back(uint8_t(i + k));
  }
  return out;
}

void putTen(const TemporaryDirectory &at, const std::string &folder) {
  for (char number = '1'; number <= '5'; ++number)
    at.put(folder + "data_batch_" + number + ".bin", records(4, 1, 10));
  at.put(folder + "test_batch.bin", records(3, 1, 10));
}

TEST_F(Pictures, Cifar10) {
  putTen(at, "cifar-10-batches-bin/");
  at.putText("cifar-10-batches-bin/batches.meta.txt",
             "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
  auto data = open();
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->train.samples, 20u);
  EXPECT_EQ(data->test.samples, 3u);
  const Column &image = data->train.columns[0], &label = data->train.columns[1];
  EXPECT_EQ(image.shape, (Shape{3, 32, 32}));
  EXPECT_EQ(image.values[3072], 1);
  EXPECT_EQ(label.classes, 10);
  EXPECT_EQ(label.classNames[9], "j");
  EXPECT_EQ(label.values[6], 2);
  EXPECT_EQ(data->files.size(), 6u);
}

TEST_F(Pictures, Cifar100) {
  at.put("train.bin", records(5, 2, 20));
  at.put("test.bin", records(2, 2, 20));
  auto fine = open();
  ASSERT_TRUE(fine) << fine.error().message;
  ASSERT_EQ(fine->train.columns.size(), 2u);
  EXPECT_EQ(fine->train.columns[1].values, (Pixels{1, 2, 3, 4, 5}));
  EXPECT_EQ(fine->train.columns[1].classes, 100);
  auto coarse = open("labels=coarse");
  EXPECT_EQ(coarse->train.columns[1].values, (Pixels{0, 1, 2, 3, 4}));
  EXPECT_EQ(open("labels=both")->train.columns.size(), 3u);
  EXPECT_EQ(open("labels=all").error().code, "data_option");
}

TEST_F(Pictures, CifarFilesThatAreDamaged) {
  putTen(at, "");
  Bytes file = records(2, 1, 10);
  file[3073] = 10;
  at.put("data_batch_2.bin", file);
  auto label = open();
  ASSERT_FALSE(label);
  EXPECT_EQ(label.error().code, "cifar_label");
  EXPECT_NE(label.error().message.find("record 1"), std::string::npos);
  file.pop_back();
  at.put("data_batch_2.bin", file);
  EXPECT_EQ(open().error().code, "cifar_size");
  at.put("data_batch_2.bin", {});
  EXPECT_EQ(open().error().code, "cifar_size");
  std::remove((at / "data_batch_2.bin").c_str());
  EXPECT_EQ(open().error().code, "file_not_found");
}

TEST_F(Pictures, RandomBytes) {
  putClasses("");
  putPng("dog/x.png", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 3);
  std::ifstream in(at / "dog/x.png", std::ios::binary);
  Bytes whole{std::istreambuf_iterator<char>(in), {}};
  RandomStream random(8, Purpose::Digits, 0);
  for (int trial = 0; trial < 300; ++trial) {
    Bytes file = whole;
    for (uint64_t n = random.below(4); n > 0; --n)
      file[random.below(file.size())] = uint8_t(random.bits());
    if (random.below(3) == 0)
      file.resize(random.below(file.size()));
    at.put("dog/x.png", file);
    auto data = open(trial % 2 ? "size=3x3&holdout=0" : "holdout=0");
    if (data)
      EXPECT_EQ(data->train.columns[0].values.size(),
                data->train.samples * data->train.columns[0].bytes());
  }
}

} // namespace
} // namespace gradmill::rt::test
