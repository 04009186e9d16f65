// Counter-based randomness for the data side: a stream is named by a few
// numbers (seed, purpose, epoch, index) and its n-th value depends on nothing
// else. Any image of any epoch can therefore be made again, in any order, on
// any thread.
//
// The generator is splitmix64 (Steele, Lea, Flood: "Fast splittable
// pseudorandom number generators", 2014): a Weyl sequence through a 64-bit
// finalizer. It is cheaper than Philox, and nothing compiled has to reproduce
// it.
#pragma once

#include <cstdint>

namespace gradmill::rt {

inline uint64_t mixBits(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

// The purpose of a stream: equal seeds must not give equal streams.
enum class Purpose : uint64_t {
  Shuffle = 1,
  Augment = 2,
  Digits = 3,
  Holdout = 4,
  Validation = 5,
  AugmentStep = 6,
  Mixup = 7,
};

class RandomStream {
public:
  RandomStream(uint64_t seed, Purpose purpose, uint64_t a, uint64_t b = 0) {
    state = mixBits(seed + kStep);
    state = mixBits(state + uint64_t(purpose) * kStep);
    state = mixBits(state + (a + 1) * kStep);
    state = mixBits(state + (b + 1) * kStep);
  }

  uint64_t bits() { return mixBits(state += kStep); }

  // Uniform in [0, n). The bias, below n / 2^64, cannot be noticed.
  uint64_t below(uint64_t n) {
    return uint64_t((static_cast<unsigned __int128>(bits()) * n) >> 64);
  }

  // Uniform in [0, 1), 24 bits.
  float unit() { return float(bits() >> 40) * 0x1p-24f; }

  // Uniform in [low, high).
  float uniform(float low, float high) { return low + (high - low) * unit(); }

  // Mean 0, variance 1, within ±3.5: the sum of four 16-bit uniforms. Thin
  // tails are wanted, because an outlier would be an unreadable digit.
  float bell() {
    uint64_t b = bits();
    float sum = float(b & 0xffff) + float((b >> 16) & 0xffff) +
                float((b >> 32) & 0xffff) + float(b >> 48);
    return (sum - 131070.0f) * (1.0f / 37837.0f);
  }

private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15ull;
  uint64_t state;
};

} // namespace gradmill::rt
