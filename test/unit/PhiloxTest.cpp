// The generator behind dropout's masks, held against the known answers that
// Random123 publishes (its file kat_vectors, "philox4x32 10"). That compiled
// code makes the same words is checked by the dropout family's numeric tests.
#include "nn/families/dropout/Philox.h"
#include <gtest/gtest.h>

using gradmill::nn::dropThreshold;
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

// Of 16-bit numbers, those below the threshold are dropped: none for p = 0,
// never all.
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

// The share that is kept, over 2^20 numbers of both halves of a word: within 5
// standard deviations of 1 - p.
TEST(Philox, Share) {
  for (double p : {0.1, 0.5, 0.9}) {
    constexpr uint32_t blocks = 1 << 17;
    int64_t kept = 0;
    for (uint32_t i = 0; i < blocks; ++i)
      for (uint32_t word : philox(Key{42, 0}, Counter{i, 3, 0, 0}))
        kept += ((word & 0xffff) >= dropThreshold(p)) +
                (word >> 16 >= dropThreshold(p));
    double n = 8.0 * blocks, deviation = std::sqrt(n * p * (1 - p));
    EXPECT_NEAR(double(kept), n * (1 - p), 5 * deviation) << "p = " << p;
  }
}
