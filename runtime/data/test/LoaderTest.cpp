#include "data/Loader.h"

#include "data/Digits.h"
#include "data/Warp.h"

#include <chrono>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>
#include <set>
#include <thread>

namespace gradmill::rt {
namespace {

// Sample i: one channel, every pixel i % 256, label i % 10; first pixels hold
// i.
Dataset countingSet(size_t size, int height = 4, int width = 5) {
  Dataset data;
  data.name = "counting";
  data.height = height;
  data.width = width;
  data.labels.resize(size);
  data.images.resize(size * data.imageBytes());
  for (size_t i = 0; i < size; ++i) {
    data.labels[i] = uint8_t(i % 10);
    data.images[i * data.imageBytes()] = uint8_t(i);
    data.images[i * data.imageBytes() + 1] = uint8_t(i >> 8);
  }
  return data;
}

size_t sampleOf(const Batch &batch, size_t i, size_t imageBytes) {
  const float *p = batch.images.data() + i * imageBytes;
  return size_t(std::lround(p[0] * 255) + 256 * std::lround(p[1] * 255));
}

std::vector<size_t> samplesOfEpoch(Loader &loader, size_t imageBytes,
                                   int64_t epoch, int64_t first = 0) {
  std::vector<size_t> seen;
  loader.start(epoch, first);
  while (const Batch *batch = loader.next())
    for (size_t i = 0; i < size_t(batch->valid); ++i)
      seen.push_back(sampleOf(*batch, i, imageBytes));
  return seen;
}

TEST(Loader, EveryEpochIsAPermutation) {
  Dataset data = countingSet(1000);
  LoaderOptions options;
  options.batch = 64;
  options.dropLast = false;
  Loader loader(data, options);
  EXPECT_EQ(loader.batchesPerEpoch(), 16);
  auto first = samplesOfEpoch(loader, data.imageBytes(), 0);
  auto second = samplesOfEpoch(loader, data.imageBytes(), 1);
  EXPECT_EQ(std::set<size_t>(first.begin(), first.end()).size(), 1000u);
  EXPECT_EQ(std::set<size_t>(second.begin(), second.end()).size(), 1000u);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, samplesOfEpoch(loader, data.imageBytes(), 0));
}

TEST(Loader, WithoutShuffleKeepsTheOrder) {
  Dataset data = countingSet(100);
  LoaderOptions options;
  options.batch = 32;
  options.shuffle = false;
  Loader loader(data, options);
  std::vector<size_t> wanted(96);
  std::iota(wanted.begin(), wanted.end(), 0);
  EXPECT_EQ(samplesOfEpoch(loader, data.imageBytes(), 3), wanted);
}

TEST(Loader, PrefetchAndResumeChangeNothing) {
  Result<DatasetSplit> digits = drawDigits({1, 500, 10});
  LoaderOptions options;
  options.batch = 48;
  options.dropLast = false;
  options.augment = {15, 2, 0.1f, 5};
  options.prefetch = 0;
  Loader plain(digits->train, options);
  plain.start(5);
  std::vector<Batch> wanted;
  while (const Batch *batch = plain.next())
    wanted.push_back(*batch);
  ASSERT_EQ(wanted.size(), 11u);
  for (int prefetch : {1, 4, 64})
    for (size_t first : {0u, 1u, 7u, 10u, 11u}) {
      options.prefetch = prefetch;
      Loader loader(digits->train, options);
      loader.start(5, int64_t(first));
      for (size_t b = first; b < wanted.size(); ++b) {
        const Batch *batch = loader.next();
        ASSERT_NE(batch, nullptr);
        EXPECT_EQ(batch->images, wanted[b].images);
        EXPECT_EQ(batch->labels, wanted[b].labels);
        EXPECT_EQ(batch->valid, wanted[b].valid);
      }
      EXPECT_EQ(loader.next(), nullptr);
      EXPECT_EQ(loader.next(), nullptr);
    }
}

TEST(Loader, TheWarpOfASampleDoesNotDependOnItsBatch) {
  Result<DatasetSplit> digits = drawDigits({1, 60, 10});
  LoaderOptions options;
  options.shuffle = false;
  options.augment.rotationDegrees = 10;
  auto epochBytes = [&](int64_t batch) {
    options.batch = batch;
    Loader loader(digits->train, options);
    std::vector<float> all;
    loader.start(2);
    while (const Batch *b = loader.next())
      all.insert(all.end(), b->images.begin(), b->images.end());
    return all;
  };
  EXPECT_EQ(epochBytes(20), epochBytes(30));
}

TEST(Loader, ABatchLargerThanTheSet) {
  Dataset data = countingSet(3);
  LoaderOptions options;
  options.batch = 8;
  options.mean = {0.5f};
  Loader dropping(data, options);
  EXPECT_EQ(dropping.batchesPerEpoch(), 0);
  dropping.start(0);
  EXPECT_EQ(dropping.next(), nullptr);

  options.dropLast = false;
  Loader padding(data, options);
  EXPECT_EQ(padding.batchesPerEpoch(), 1);
  padding.start(0);
  const Batch *batch = padding.next();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->valid, 3);
  ASSERT_EQ(batch->labels.size(), 8u);
  ASSERT_EQ(batch->images.size(), 8 * data.imageBytes());
  for (size_t i = 3 * data.imageBytes(); i < batch->images.size(); ++i)
    EXPECT_EQ(batch->images[i], 0.0f);
  for (size_t i = 3; i < 8; ++i)
    EXPECT_EQ(batch->labels[i], 0);
  EXPECT_EQ(padding.next(), nullptr);
}

TEST(Loader, StopsAtAnyMoment) {
  Dataset data = countingSet(2000);
  LoaderOptions options;
  options.batch = 16;
  options.augment.rotationDegrees = 5;
  {
    Loader untouched(data, options);
  }
  {
    Loader unstarted(data, options);
    EXPECT_EQ(unstarted.next(), nullptr);
  }
  for (int taken = 0; taken < 40; ++taken) {
    options.prefetch = taken % 6;
    Loader loader(data, options);
    loader.start(taken);
    for (int i = 0; i < taken; ++i)
      ASSERT_NE(loader.next(), nullptr);
  }
}

TEST(Loader, RestartsInTheMiddleOfAnEpoch) {
  Dataset data = countingSet(640);
  LoaderOptions options;
  options.batch = 32;
  options.prefetch = 3;
  Loader loader(data, options);
  auto wanted = samplesOfEpoch(loader, data.imageBytes(), 9);
  for (int taken = 0; taken < 20; ++taken) {
    loader.start(taken);
    for (int i = 0; i < taken; ++i)
      ASSERT_NE(loader.next(), nullptr);
    if (taken % 5 == 0) // let the producer run full
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_EQ(samplesOfEpoch(loader, data.imageBytes(), 9), wanted);
  }
}

TEST(Loader, NormalizesPerChannel) {
  Dataset data;
  data.channels = 2;
  data.height = data.width = 2;
  data.labels = {1};
  data.images = {0, 51, 102, 255, 0, 51, 102, 255};
  LoaderOptions options;
  options.batch = 1;
  options.mean = {0.2f, 0.4f};
  options.std = {0.5f, 0.25f};
  for (float turn : {0.0f, 1e-6f}) { // without and with the warp
    options.augment.rotationDegrees = turn;
    Loader loader(data, options);
    loader.start(0);
    const Batch *batch = loader.next();
    ASSERT_NE(batch, nullptr);
    for (size_t i = 0; i < 8; ++i) {
      float v = data.images[i] / 255.0f;
      EXPECT_NEAR(batch->images[i],
                  i < 4 ? (v - 0.2f) / 0.5f : (v - 0.4f) / 0.25f, 1e-4f);
    }
  }
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
