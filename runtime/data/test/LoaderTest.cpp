#include "data/Loader.h"

#include "data/Digits.h"
#include "data/Warp.h"

#include <chrono>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>
#include <set>
#include <thread>
#include <zlib.h>

namespace gradmill::rt {
namespace {

Dataset setOf(Column image, Column label) {
  Dataset data{"set", label.values.size() / label.bytes(), {}};
  data.columns.push_back(std::move(image));
  data.columns.push_back(std::move(label));
  return data;
}

// Sample i: one channel, label i % 10; the first pixels hold i.
Dataset countingSet(size_t size, int height = 4, int width = 5) {
  Column image{.name = "image", .shape = {1, height, width}};
  Column label{.name = "label", .target = true, .classes = 10};
  label.values.resize(size);
  image.values.resize(size * image.bytes());
  for (size_t i = 0; i < size; ++i) {
    label.values[i] = uint8_t(i % 10);
    image.values[i * image.bytes()] = uint8_t(i);
    image.values[i * image.bytes() + 1] = uint8_t(i >> 8);
  }
  return setOf(std::move(image), std::move(label));
}

PortSpec portFor(const Column &column, DType dtype) {
  PortSpec port;
  port.name = column.name;
  port.role = column.target ? PortRole::Target : PortRole::Data;
  port.dtype = dtype;
  port.shape = column.shape;
  port.elements = column.elements();
  return port;
}

// A loader of an image as f32 and a label as i32, with the ports that it needs.
struct Feed {
  Feed(const Dataset &data, const LoaderOptions &options,
       std::vector<float> mean = {0}, std::vector<float> std = {1})
      : image(portFor(data.columns[0], DType::F32)),
        label(portFor(data.columns[1], DType::I32)) {
    image.mean = std::move(mean);
    image.std = std::move(std);
    auto pairs = columnsFor(data, {&image, &label}, {}, "model");
    EXPECT_TRUE(pairs) << pairs.error().message;
    loader = std::move(*Loader::create(data, *pairs, options));
  }
  Loader *operator->() { return loader.get(); }
  std::vector<float> images(const Batch &batch) const {
    auto *begin = static_cast<const float *>(batch.at(0));
    return {begin, begin + batch.values[0].size() / 4};
  }
  std::vector<int32_t> labels(const Batch &batch) const {
    auto *begin = static_cast<const int32_t *>(batch.at(1));
    return {begin, begin + batch.values[1].size() / 4};
  }

  PortSpec image, label;
  std::unique_ptr<Loader> loader;
};

size_t sampleOf(const Batch &batch, size_t i, size_t elements) {
  const float *p = static_cast<const float *>(batch.at(0)) + i * elements;
  return size_t(std::lround(p[0] * 255) + 256 * std::lround(p[1] * 255));
}

std::vector<size_t> samplesOfEpoch(Feed &loader, int64_t epoch,
                                   int64_t first = 0) {
  std::vector<size_t> seen;
  loader->start(epoch, first);
  while (const Batch *batch = loader->next())
    for (size_t i = 0; i < size_t(batch->valid); ++i)
      seen.push_back(sampleOf(*batch, i, loader.image.elements));
  return seen;
}

TEST(Loader, EveryEpochIsAPermutation) {
  Dataset data = countingSet(1000);
  LoaderOptions options;
  options.batch = 64;
  options.dropLast = false;
  Feed loader(data, options);
  EXPECT_EQ(loader->batchesPerEpoch(), 16);
  auto first = samplesOfEpoch(loader, 0);
  auto second = samplesOfEpoch(loader, 1);
  EXPECT_EQ(std::set<size_t>(first.begin(), first.end()).size(), 1000u);
  EXPECT_EQ(std::set<size_t>(second.begin(), second.end()).size(), 1000u);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, samplesOfEpoch(loader, 0));
}

TEST(Loader, WithoutShuffleKeepsTheOrder) {
  Dataset data = countingSet(100);
  LoaderOptions options;
  options.batch = 32;
  options.shuffle = false;
  Feed loader(data, options);
  std::vector<size_t> wanted(96);
  std::iota(wanted.begin(), wanted.end(), 0);
  EXPECT_EQ(samplesOfEpoch(loader, 3), wanted);
}

TEST(Loader, PrefetchAndResumeChangeNothing) {
  Result<DatasetSplit> digits = drawDigits({1, 500, 10});
  LoaderOptions options;
  options.batch = 48;
  options.dropLast = false;
  options.augment = {15, 2, 0.1f, 5};
  options.prefetch = 0;
  Feed plain(digits->train, options);
  plain->start(5);
  struct Copy {
    std::vector<float> images;
    std::vector<int32_t> labels;
    int64_t valid;
  };
  std::vector<Copy> wanted;
  while (const Batch *batch = plain->next())
    wanted.push_back(
        {plain.images(*batch), plain.labels(*batch), batch->valid});
  ASSERT_EQ(wanted.size(), 11u);
  for (int prefetch : {1, 4, 64})
    for (size_t first : {0u, 1u, 7u, 10u, 11u}) {
      options.prefetch = prefetch;
      Feed loader(digits->train, options);
      loader->start(5, int64_t(first));
      for (size_t b = first; b < wanted.size(); ++b) {
        const Batch *batch = loader->next();
        ASSERT_NE(batch, nullptr);
        EXPECT_EQ(loader.images(*batch), wanted[b].images);
        EXPECT_EQ(loader.labels(*batch), wanted[b].labels);
        EXPECT_EQ(batch->valid, wanted[b].valid);
      }
      EXPECT_EQ(loader->next(), nullptr);
      EXPECT_EQ(loader->next(), nullptr);
    }
}

TEST(Loader, TheWarpOfASampleDoesNotDependOnItsBatch) {
  Result<DatasetSplit> digits = drawDigits({1, 60, 10});
  LoaderOptions options;
  options.shuffle = false;
  options.augment.rotationDegrees = 10;
  auto epochBytes = [&](int64_t batch) {
    options.batch = batch;
    Feed loader(digits->train, options);
    std::vector<float> all;
    loader->start(2);
    while (const Batch *b = loader->next())
      for (float value : loader.images(*b))
        all.push_back(value);
    return all;
  };
  EXPECT_EQ(epochBytes(20), epochBytes(30));
}

TEST(Loader, ABatchLargerThanTheSet) {
  Dataset data = countingSet(3);
  LoaderOptions options;
  options.batch = 8;
  Feed dropping(data, options, {0.5f});
  EXPECT_EQ(dropping->batchesPerEpoch(), 0);
  dropping->start(0);
  EXPECT_EQ(dropping->next(), nullptr);

  options.dropLast = false;
  Feed padding(data, options, {0.5f});
  EXPECT_EQ(padding->batchesPerEpoch(), 1);
  padding->start(0);
  const Batch *batch = padding->next();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->valid, 3);
  auto images = padding.images(*batch);
  auto labels = padding.labels(*batch);
  ASSERT_EQ(labels.size(), 8u);
  ASSERT_EQ(images.size(), 8 * 20u);
  for (size_t i = 3 * 20; i < images.size(); ++i)
    EXPECT_EQ(images[i], 0.0f);
  for (size_t i = 3; i < 8; ++i)
    EXPECT_EQ(labels[i], 0);
  EXPECT_EQ(padding->next(), nullptr);
}

TEST(Loader, StopsAtAnyMoment) {
  Dataset data = countingSet(2000);
  LoaderOptions options;
  options.batch = 16;
  options.augment.rotationDegrees = 5;
  { Feed untouched(data, options); }
  {
    Feed unstarted(data, options);
    EXPECT_EQ(unstarted->next(), nullptr);
  }
  for (int taken = 0; taken < 40; ++taken) {
    options.prefetch = taken % 6;
    Feed loader(data, options);
    loader->start(taken);
    for (int i = 0; i < taken; ++i)
      ASSERT_NE(loader->next(), nullptr);
  }
}

TEST(Loader, RestartsInTheMiddleOfAnEpoch) {
  Dataset data = countingSet(640);
  LoaderOptions options;
  options.batch = 32;
  options.prefetch = 3;
  Feed loader(data, options);
  auto wanted = samplesOfEpoch(loader, 9);
  for (int taken = 0; taken < 20; ++taken) {
    loader->start(taken);
    for (int i = 0; i < taken; ++i)
      ASSERT_NE(loader->next(), nullptr);
    if (taken % 5 == 0) // let the producer run full
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_EQ(samplesOfEpoch(loader, 9), wanted);
  }
}

TEST(Loader, NormalizesPerChannel) {
  Column image{.name = "image",
               .shape = {2, 2, 2},
               .values = {0, 51, 102, 255, 0, 51, 102, 255}};
  Column label{.name = "label", .target = true, .values = {1}};
  Dataset data = setOf(image, label);
  LoaderOptions options;
  options.batch = 1;
  for (float turn : {0.0f, 1e-6f}) { // without and with the warp
    options.augment.rotationDegrees = turn;
    Feed loader(data, options, {0.2f, 0.4f}, {0.5f, 0.25f});
    loader->start(0);
    const Batch *batch = loader->next();
    ASSERT_NE(batch, nullptr);
    for (size_t i = 0; i < 8; ++i) {
      float v = image.values[i] / 255.0f;
      EXPECT_NEAR(loader.images(*batch)[i],
                  i < 4 ? (v - 0.2f) / 0.5f : (v - 0.4f) / 0.25f, 1e-4f);
    }
  }
}

// What a sample becomes, written down once more: these bits may not change, or
// a resumed training would see other samples.
TEST(Loader, TheBitsOfABatchAreThoseOfTheWarper) {
  Result<DatasetSplit> digits = drawDigits({1, 500, 10});
  LoaderOptions options;
  options.batch = 48;
  options.seed = 7;
  options.dropLast = false;
  uLong crc = 0, labels = 0;
  for (bool warps : {false, true}) {
    if (warps)
      options.augment = {15, 2, 0.1f, 5};
    Feed loader(digits->train, options, {0.1307f}, {0.3081f});
    Warper warper(1, 28, 28, {0.1307f}, {0.3081f});
    std::vector<uint64_t> order(500);
    for (int64_t epoch = 0; epoch < 3; ++epoch) {
      std::iota(order.begin(), order.end(), 0);
      RandomStream shuffle(7, Purpose::Shuffle, uint64_t(epoch));
      for (size_t i = 500; i > 1; --i)
        std::swap(order[i - 1], order[shuffle.below(i)]);
      loader->start(epoch);
      for (size_t at = 0; const Batch *batch = loader->next();) {
        auto images = loader.images(*batch);
        auto numbers = loader.labels(*batch);
        for (size_t i = 0; i < size_t(batch->valid); ++i, ++at) {
          const uint8_t *source =
              digits->train.columns[0].values.data() + order[at] * 784;
          std::vector<float> wanted(784);
          RandomStream random(7, Purpose::Augment, uint64_t(epoch), order[at]);
          if (warps)
            warper.warp(source, drawAffine(options.augment, 28, 28, random),
                        wanted.data());
          else
            warper.normalize(source, wanted.data());
          ASSERT_EQ(std::memcmp(wanted.data(), &images[i * 784], 784 * 4), 0);
        }
        if (!warps) {
          crc = crc32(crc, reinterpret_cast<const Bytef *>(images.data()),
                      uInt(images.size() * 4));
          labels =
              crc32(labels, reinterpret_cast<const Bytef *>(numbers.data()),
                    uInt(numbers.size() * 4));
        }
      }
    }
  }
  EXPECT_EQ(crc, 0xa405b21au);
  EXPECT_EQ(labels, 0x0f1361b8u);
}

// The slow kernel: one pixel after the other, asking for each neighbour
// whether it exists. Tolerance: one part in 10^4 of a grey level range.
float sampleSlowly(const std::vector<uint8_t> &image, int h, int w, double x,
                   double y) {
  auto at = [&](double px, double py) {
    bool inside = px >= 0 && py >= 0 && px < w && py < h;
    return inside ? image[size_t(py) * size_t(w) + size_t(px)] / 255.0 : 0.0;
  };
  double ix = std::floor(x), iy = std::floor(y), fx = x - ix, fy = y - iy;
  return float((1 - fy) * ((1 - fx) * at(ix, iy) + fx * at(ix + 1, iy)) +
               fy * ((1 - fx) * at(ix, iy + 1) + fx * at(ix + 1, iy + 1)));
}

TEST(Warp, MatchesTheSlowKernel) {
  for (auto [h, w] : {std::pair{28, 28}, {5, 9}, {1, 1}, {3, 40}}) {
    std::vector<uint8_t> image(size_t(h) * size_t(w));
    RandomStream noise(3, Purpose::Digits, 0);
    for (uint8_t &p : image)
      p = uint8_t(noise.bits());
    Warper warper(1, h, w, {0.0f}, {1.0f});
    std::vector<float> out(image.size());
    for (uint64_t trial = 0; trial < 50; ++trial) {
      RandomStream random(1, Purpose::Augment, trial);
      Affine map = drawAffine({90, 6, 0.5f, 30}, h, w, random);
      warper.warp(image.data(), map, out.data());
      for (int y = 0; y < h; ++y)
        for (int x = 0; x < w; ++x)
          ASSERT_NEAR(out[size_t(y * w + x)],
                      sampleSlowly(image, h, w,
                                   map.xx * x + map.xy * y + map.x0,
                                   map.yx * x + map.yy * y + map.y0),
                      1e-4f);
    }
  }
}

TEST(Warp, FarOutsideIsBlack) {
  std::vector<uint8_t> image(16, 255);
  std::vector<float> out(16, 9.0f);
  Warper warper(1, 4, 4, {0.5f}, {0.5f});
  for (float shift : {-1e9f, -5.0f, 5.0f, 1e9f}) {
    warper.warp(image.data(), {1, 0, shift, 0, 1, 0}, out.data());
    for (float v : out)
      EXPECT_FLOAT_EQ(v, -1.0f);
  }
}

TEST(Warp, TheAffineIsTheInverseOfTurnShearScaleShift) {
  // Turning alone, by a known angle: the middle stays, lengths stay.
  for (uint64_t trial = 0; trial < 200; ++trial) {
    RandomStream random(2, Purpose::Augment, trial);
    Affine map = drawAffine({7, 0, 0, 0}, 28, 28, random);
    EXPECT_NEAR(map.xx * 13.5f + map.xy * 13.5f + map.x0, 13.5f, 1e-4f);
    EXPECT_NEAR(map.yx * 13.5f + map.yy * 13.5f + map.y0, 13.5f, 1e-4f);
    EXPECT_NEAR(map.xx * map.yy - map.xy * map.yx, 1.0f, 1e-5f);
    EXPECT_LE(std::abs(std::atan2(map.xy, map.xx)), 7.001f * 3.14159265f / 180);
    RandomStream again(2, Purpose::Augment, trial);
    Affine scaled = drawAffine({0, 0, 0.25f, 0}, 28, 28, again);
    EXPECT_GE(1 / scaled.xx, 0.749f);
    EXPECT_LE(1 / scaled.xx, 1.251f);
  }
}

} // namespace
} // namespace gradmill::rt
