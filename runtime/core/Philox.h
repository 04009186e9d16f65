// Philox4x32-10: counter-based random numbers. The same (key, counter) gives
// the same four words on every machine and in any order of evaluation. So
// initialization, shuffles and dropout masks can be repeated exactly.
//
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1,
// 2, 3", SC 2011. Checked against the paper's known-answer vectors.
#pragma once

#include <array>
#include <cstdint>

namespace gradmill::rt {

using PhiloxCounter = std::array<uint32_t, 4>;
using PhiloxKey = std::array<uint32_t, 2>;

inline PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t even = uint64_t(0xD2511F53u) * counter[0];
    uint64_t odd = uint64_t(0xCD9E8D57u) * counter[2];
    counter = {uint32_t(odd >> 32) ^ counter[1] ^ key[0], uint32_t(odd),
               uint32_t(even >> 32) ^ counter[3] ^ key[1], uint32_t(even)};
    key[0] += 0x9E3779B9u; // Weyl sequence: golden ratio
    key[1] += 0xBB67AE85u; // sqrt(3) - 1
  }
  return counter;
}

// The purpose of a stream of numbers; the fourth counter word. Streams of
// different purposes never overlap, whatever their indices. Never renumber
// these: results of a seed would change.
enum class PhiloxPurpose : uint32_t {
  Init = 1,    // stream: index of the tensor
  Demo = 2,    // stream: 0
  RunInput = 3 // stream: index of the buffer
};

// Element i of a stream is word i % 4 of block i / 4.
class PhiloxStream {
public:
  PhiloxStream(uint64_t seed, PhiloxPurpose purpose, uint32_t stream)
      : key{uint32_t(seed), uint32_t(seed >> 32)}, stream(stream),
        purpose(purpose) {}

  PhiloxCounter block(uint64_t index) const {
    return philox4x32(
        {uint32_t(index), uint32_t(index >> 32), stream, uint32_t(purpose)},
        key);
  }
  uint32_t word(uint64_t element) const {
    return block(element / 4)[element % 4];
  }
  // Uniform in [0, 1), 24 bits: exactly representable in f32.
  float uniform(uint64_t element) const {
    return float(word(element) >> 8) * 0x1p-24f;
  }

private:
  PhiloxKey key;
  uint32_t stream;
  PhiloxPurpose purpose;
};

} // namespace gradmill::rt
