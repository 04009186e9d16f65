#include "core/Philox.h"

#include <gtest/gtest.h>

#if __has_include(<Random123/philox.h>)
#include <Random123/philox.h>
#undef philox4x32 // a macro there, a function here
#define HAVE_RANDOM123 1
#endif

namespace gradmill::rt {

// The known-answer vectors published with Random123.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                       {0xa4093822, 0x299f31d0}),
            (PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

#ifdef HAVE_RANDOM123
TEST(Philox, AgreesWithRandom123) {
  for (uint32_t i = 0; i < 1000; ++i) {
    PhiloxCounter c{i, i * 77777u, ~i, i << 13};
    PhiloxKey k{i * 31u, i ^ 0xdeadbeefu};
    philox4x32_ctr_t ctr{{c[0], c[1], c[2], c[3]}};
    philox4x32_key_t key{{k[0], k[1]}};
    auto expected = philox4x32_R(10, ctr, key);
    auto actual = philox4x32(c, k);
    for (int word = 0; word < 4; ++word)
      ASSERT_EQ(actual[word], expected.v[word]);
  }
}
#endif

TEST(Philox, StreamsDiffer) {
  PhiloxStream a(1, PhiloxPurpose::Init, 0), b(1, PhiloxPurpose::Init, 1),
      c(2, PhiloxPurpose::Init, 0), d(1, PhiloxPurpose::Demo, 0);
  EXPECT_NE(a.block(0), b.block(0));
  EXPECT_NE(a.block(0), c.block(0));
  EXPECT_NE(a.block(0), d.block(0));
  EXPECT_EQ(a.word(5), a.block(1)[1]);
}

TEST(Philox, UniformIsInHalfOpenUnitInterval) {
  PhiloxStream stream(3, PhiloxPurpose::Demo, 0);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    float u = stream.uniform(i);
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.01);
}

} // namespace gradmill::rt
