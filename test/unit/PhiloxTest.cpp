// The generator behind dropout's masks, held against the known answers that
// Random123 publishes (its file kat_vectors, "philox4x32 10"). That compiled
// code makes the same words is checked by the dropout family's numeric tests.
#include "nn/families/dropout/Philox.h"
#include <gtest/gtest.h>

using gradmill::nn::dropThreshold;
using gradmill::nn::keepsElement;
using gradmill::nn::kPhiloxBytes;
using gradmill::nn::philox;
using Counter = std::array<uint32_t, 4>;
using Key = std::array<uint32_t, 2>;

TEST(Philox, KnownAnswerZeros) {
  EXPECT_EQ(philox(Key{0, 0}, Counter{0, 0, 0, 0}),
            (Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
}

TEST(Philox, KnownAnswerOnes) {
  EXPECT_EQ(philox(Key{0xffffffff, 0xffffffff},
                   Counter{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}),
            (Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

// The digits of pi.
TEST(Philox, KnownAnswerPi) {
  EXPECT_EQ(philox(Key{0xa4093822, 0x299f31d0},
                   Counter{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            (Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// p as a fraction of 2^16: none dropped for p = 0, never all.
TEST(Philox, Threshold) {
  EXPECT_EQ(dropThreshold(0), 0u);
  EXPECT_EQ(dropThreshold(0.5), 0x8000u);
  EXPECT_EQ(dropThreshold(0.25), 0x4000u);
  EXPECT_EQ(dropThreshold(0.9999999999999999), 0xffffu);
  // To the nearest: p is exact to half of the last bit.
  for (double p : {0.1, 0.2, 0.3, 1.0 / 3, 0.7, 0.999})
    EXPECT_LE(std::fabs(dropThreshold(p) / 65536.0 - p), 0.5 / 65536)
        << "p = " << p;
}

// The limits of a byte's comparison: a high byte of 0 and of 255, with a low
// byte that decides.
TEST(Philox, KeepsElementAtTheEnds) {
  Counter zeros{0, 0, 0, 0}, ones{~0u, ~0u, ~0u, ~0u};
  EXPECT_TRUE(keepsElement(zeros, 0, 0));       // p = 0 drops nothing
  EXPECT_FALSE(keepsElement(zeros, 0, 1));      // 0 < 0 + 1
  EXPECT_FALSE(keepsElement(ones, 15, 0xff01)); // 255 < 255 + 1
  EXPECT_TRUE(keepsElement(ones, 15, 0xff00));
  // Element 6 is byte 1 of word 2; all bytes together give 0x80.
  Counter one{0, 0, 0x8000, 0};
  EXPECT_TRUE(keepsElement(one, 6, 0x8000));
  EXPECT_FALSE(keepsElement(one, 2, 0x8000));
  EXPECT_TRUE(keepsElement(one, 6, 0x8080));  // 0x80 is not below 0x80
  EXPECT_FALSE(keepsElement(one, 6, 0x8081)); // the limit is 0x81
}

// The share that is kept by each byte of a block: within 5 standard deviations
// of 1 - p, for p that a byte alone could not tell from its neighbours.
TEST(Philox, Share) {
  for (double p : {0.001, 0.1, 0.498, 0.5, 0.9, 0.9985}) {
    constexpr uint32_t blocks = 1 << 18;
    std::array<int64_t, kPhiloxBytes> kept{};
    for (uint32_t b = 0; b < blocks; ++b) {
      Counter words = philox(Key{42, 0}, Counter{b, 3, 0, 0});
      for (int i = 0; i < kPhiloxBytes; ++i)
        kept[i] += keepsElement(words, i, dropThreshold(p));
    }
    int64_t all = 0;
    double deviation = std::sqrt(blocks * p * (1 - p));
    for (int64_t n : kept) {
      EXPECT_NEAR(double(n), blocks * (1 - p), 5 * deviation) << "p = " << p;
      all += n;
    }
    EXPECT_NEAR(double(all), kPhiloxBytes * blocks * (1 - p),
                5 * deviation * std::sqrt(kPhiloxBytes))
        << "p = " << p;
  }
}

// Neighbours do not go together: the covariance of any two elements of a block
// is within 5 standard deviations of 0.
TEST(Philox, ElementsOfABlockAreUncorrelated) {
  constexpr uint32_t blocks = 1 << 16;
  double p = 0.1;
  std::array<std::array<int64_t, kPhiloxBytes>, kPhiloxBytes> both{};
  for (uint32_t b = 0; b < blocks; ++b) {
    Counter words = philox(Key{7, 1}, Counter{b, 0, 5, 0});
    uint32_t dropped = 0;
    for (int i = 0; i < kPhiloxBytes; ++i)
      dropped |= uint32_t(!keepsElement(words, i, dropThreshold(p))) << i;
    for (int i = 0; i < kPhiloxBytes; ++i)
      for (int j = 0; j < i; ++j)
        both[i][j] += dropped >> i & dropped >> j & 1;
  }
  double expected = blocks * p * p;
  double deviation = std::sqrt(expected * (1 - p * p));
  for (int i = 0; i < kPhiloxBytes; ++i)
    for (int j = 0; j < i; ++j)
      EXPECT_NEAR(double(both[i][j]), expected, 5 * deviation)
          << i << " and " << j;
}
