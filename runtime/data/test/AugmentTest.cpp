#include "data/augment/Augment.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

namespace gradmill::rt {

// A picture whose pixels all differ.
static std::vector<float> ramp(size_t count) {
  std::vector<float> planes(count);
  std::iota(planes.begin(), planes.end(), 1.0f);
  return planes;
}

static std::vector<float> applied(const std::string &text,
                                  std::vector<float> planes, int channels,
                                  int height, int width, uint64_t seed = 1,
                                  int64_t epoch = 0, uint64_t sample = 0) {
  auto augmenter = parseAugment(text);
  EXPECT_TRUE(bool(augmenter)) << augmenter.error().message;
  const float means[] = {33, 66, 99};
  (*augmenter)->apply(planes.data(), channels, height, width, means, seed, epoch,
                      sample);
  return planes;
}

TEST(Augment, FlipsAreExact) {
  std::vector<float> x = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(applied("flip_h(p=1)", x, 1, 2, 3),
            (std::vector<float>{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(applied("flip_v(1)", x, 1, 2, 3),
            (std::vector<float>{4, 5, 6, 1, 2, 3}));
  EXPECT_EQ(applied("flip_v(1) | flip_h(1)", x, 1, 2, 3),
            (std::vector<float>{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(applied("flip_h(0)", x, 1, 2, 3), x);
}

TEST(Augment, NothingIsNothing) {
  std::vector<float> x = ramp(2 * 5 * 7);
  for (const char *text : {"rotate(0)", "shift(0)", "scale(0)", "shear(0)",
                           "crop(0)", "elastic(0, 1)", "cutout(3, p=0)"})
    EXPECT_EQ(applied(text, x, 2, 5, 7), x) << text;
}

// The largest of many draws comes near the limit, and none is beyond.
TEST(Augment, ShiftsWithinItsReach) {
  std::vector<float> x(21, 0);
  x[10] = 100;
  float furthest = 0;
  for (uint64_t sample = 0; sample < 200; ++sample) {
    std::vector<float> y = applied("shift(3)", x, 1, 1, 21, 1, 0, sample);
    float mass = 0, moment = 0; // y moves it out of the row, too
    for (size_t i = 0; i < y.size(); ++i)
      mass += y[i], moment += y[i] * float(i);
    if (mass > 0)
      furthest = std::max(furthest, std::abs(moment / mass - 10));
  }
  EXPECT_GT(furthest, 2.5f);
  EXPECT_LE(furthest, 3.0001f);
}

// A quarter turn of a square picture is known: rotate draws within ± 180.
TEST(Augment, RotationKeepsTheMiddleAndDistances) {
  std::vector<float> x(81, 0);
  x[4 * 9 + 7] = 100; // three right of the middle
  for (uint64_t sample = 0; sample < 20; ++sample) {
    std::vector<float> y = applied("rotate(180)", x, 1, 9, 9, 1, 0, sample);
    float mass = 0, row = 0, column = 0;
    for (int i = 0; i < 81; ++i) {
      mass += y[size_t(i)];
      row += y[size_t(i)] * float(i / 9);
      column += y[size_t(i)] * float(i % 9);
    }
    EXPECT_NEAR(std::hypot(row / mass - 4, column / mass - 4), 3, 0.25);
  }
}

TEST(Augment, CropMovesByWholePixels) {
  std::vector<float> x = ramp(36);
  bool moved = false;
  for (uint64_t sample = 0; sample < 30; ++sample) {
    std::vector<float> y = applied("crop(2)", x, 1, 6, 6, 1, 0, sample);
    for (float value : y)
      EXPECT_EQ(value, std::round(value));
    moved |= y != x;
    // What is at (2..3, 2..3) + shift came from the picture.
    EXPECT_GT(y[2 * 6 + 2], 0);
  }
  EXPECT_TRUE(moved);
}

TEST(Augment, CutoutFills) {
  std::vector<float> x(3 * 100, 200);
  for (const char *text : {"cutout(4)", "cutout(4, 1, mean)", "cutout(4,fill=mean)"}) {
    std::vector<float> y = applied(text, x, 3, 10, 10);
    for (int c = 0; c < 3; ++c) {
      auto begin = y.begin() + c * 100;
      auto filled = std::count(begin, begin + 100, 33.0f * float(c + 1));
      EXPECT_GE(filled, 4); // a corner of the picture
      EXPECT_LE(filled, 16);
      EXPECT_EQ(filled + std::count(begin, begin + 100, 200.0f), 100);
    }
  }
  std::vector<float> black = applied("cutout(4, fill=0)", x, 3, 10, 10);
  EXPECT_GT(std::count(black.begin(), black.end(), 0.0f), 0);
  std::vector<float> noise = applied("cutout(4, fill=noise)", x, 3, 10, 10);
  std::sort(noise.begin(), noise.end());
  EXPECT_GT(std::unique(noise.begin(), noise.end()) - noise.begin(), 10);
}

TEST(Augment, ErasesAShareOfTheArea) {
  std::vector<float> x(400, 200);
  int64_t least = 400, most = 0;
  for (uint64_t sample = 0; sample < 200; ++sample) {
    std::vector<float> y =
        applied("erase(0.1, 0.2, fill=7, p=1)", x, 1, 20, 20, 1, 0, sample);
    int64_t count = std::count(y.begin(), y.end(), 7.0f);
    least = std::min(least, count), most = std::max(most, count);
  }
  EXPECT_GE(least, 34); // 40, sides rounded
  EXPECT_LE(most, 90);
  EXPECT_GT(most, 65);
}

TEST(Augment, ElasticBendsSmoothly) {
  std::vector<float> x(28 * 28);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = float(i % 28);
  std::vector<float> y = applied("elastic(34, 4)", x, 1, 28, 28);
  double change = 0, roughness = 0;
  for (size_t row = 8; row < 20; ++row)
    for (size_t column = 8; column < 20; ++column) {
      size_t i = row * 28 + column;
      change = std::max(change, double(std::abs(y[i] - x[i])));
      roughness = std::max(roughness, double(std::abs(y[i + 28] - y[i])));
    }
  EXPECT_GT(change, 0.5);
  EXPECT_LT(roughness, 1.5);
}

TEST(Augment, DependsOnSeedEpochAndSampleOnly) {
  std::vector<float> x = ramp(100);
  const std::string text =
      "rotate(20) | crop(2) | elastic | flip_h | cutout(3) | erase";
  std::vector<float> first = applied(text, x, 1, 10, 10, 5, 2, 9);
  EXPECT_EQ(applied(text, x, 1, 10, 10, 5, 2, 9), first);
  EXPECT_NE(applied(text, x, 1, 10, 10, 6, 2, 9), first);
  EXPECT_NE(applied(text, x, 1, 10, 10, 5, 3, 9), first);
  EXPECT_NE(applied(text, x, 1, 10, 10, 5, 2, 10), first);
  // A step behind another one does as it did.
  EXPECT_EQ(applied("rotate(0) | cutout(4, fill=0)", x, 1, 10, 10),
            applied("shift(0) | cutout(4, fill=0)", x, 1, 10, 10));
}

TEST(Augment, WhetherPixelsMove) {
  EXPECT_TRUE((*parseAugment("cutout(3) | flip_h"))->moves());
  EXPECT_FALSE((*parseAugment("cutout(3) | erase"))->moves());
}

TEST(Augment, MixupDrawsOneShareForABatch) {
  EXPECT_FALSE((*parseAugment("cutout(3)"))->mixes());
  EXPECT_EQ((*parseAugment("cutout(3)"))->mixedShare(1, 2), 0);
  auto mean = [](const std::string &text) {
    auto augment = *parseAugment(text);
    EXPECT_TRUE(augment->mixes());
    double sum = 0;
    for (int64_t batch = 0; batch < 4000; ++batch) {
      float share = augment->mixedShare(1, batch);
      EXPECT_TRUE(share >= 0 && share <= 0.5f) << share;
      sum += share;
    }
    return sum / 4000;
  };
  EXPECT_NEAR(mean("mixup(1)"), 0.25, 0.01); // uniform: of 0 to 1/2
  EXPECT_NEAR(mean("mixup(100)"), 0.47, 0.01);
  EXPECT_NEAR(mean("flip_h | mixup(1, p=0.5)"), 0.125, 0.01);
  EXPECT_LT(mean("mixup(0.2)"), 0.12);
  EXPECT_LT(mean("mixup(0.01)"), 0.02);
  // The pictures stay as they are: they are mixed as whole batches.
  std::vector<float> x = ramp(100);
  EXPECT_EQ(applied("mixup(1)", x, 1, 10, 10), x);
}

static std::string problemOf(const std::string &text) {
  auto parsed = parseAugment(text);
  EXPECT_FALSE(bool(parsed)) << text;
  EXPECT_EQ(parsed.error().code, "augment");
  EXPECT_EQ(parsed.error().exit, kUsage);
  return parsed.error().message;
}

TEST(Augment, ErrorsSayWhatIsMeant) {
  auto expect = [](const std::string &text, const std::string &part) {
    EXPECT_NE(problemOf(text).find(part), std::string::npos)
        << problemOf(text);
  };
  expect("rotat(3)", "there is no step \"rotat\"; did you mean rotate?");
  expect("", "there is no step \"\"");
  expect("rotate", "rotate needs degrees");
  expect("rotate(3", "does not end in )");
  expect("rotate(181)", "rotate: degrees=181 is not a number in 0..180");
  expect("rotate(nan)", "degrees=nan");
  expect("rotate(3, degree=4)",
         "no parameter \"degree\"; did you mean degrees?");
  expect("rotate(degrees=3, 1)", "without a name");
  expect("rotate(1, 1, 1)", "rotate has no parameter");
  expect("rotate(1, degrees=2)", "rotate has degrees twice");
  expect("cutout(2.5)", "size=2.5 is not a whole number in 1..1000");
  expect("cutout(2, fill=grey)", "0..255, mean or noise");
  expect("mixup | flip_h | mixup(1)", "mixup stands twice");
  expect("mixup(0)", "alpha=0 is not a number in 0.01..100");
  expect("flip_h | | flip_v", "there is no step \"\"");
}

// The stride of the loops, and pictures of one pixel.
TEST(Augment, TinyPictures) {
  for (int height : {1, 2, 3})
    for (int width : {1, 5})
      for (uint64_t sample = 0; sample < 20; ++sample)
        for (float value :
             applied("rotate(180) | scale(0.9) | shear(60) | shift(100) | "
                     "elastic(1000, 64) | crop(1000) | cutout(1000, 2) | "
                     "erase(0, 1, 100, p=1)",
                     ramp(size_t(height * width)), 1, height, width, 1, 0,
                     sample))
          EXPECT_TRUE(value >= 0 && value <= 255);
}

} // namespace gradmill::rt
