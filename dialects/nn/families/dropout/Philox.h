// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw
// ("Parallel random numbers: as easy as 1, 2, 3", 2011), for scalars.
// DropoutLowering.cpp emits the same rounds for vectors.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace gradmill::nn {

inline constexpr uint32_t kPhiloxMul0 = 0xD2511F53, kPhiloxMul1 = 0xCD9E8D57;
inline constexpr uint32_t kPhiloxWeyl0 = 0x9E3779B9, kPhiloxWeyl1 = 0xBB67AE85;
inline constexpr int kPhiloxRounds = 10;

inline std::array<uint32_t, 4> philox(std::array<uint32_t, 2> key,
                                      std::array<uint32_t, 4> c) {
  for (int round = 0; round < kPhiloxRounds; ++round) {
    uint64_t a = uint64_t(kPhiloxMul0) * c[0], b = uint64_t(kPhiloxMul1) * c[2];
    c = {uint32_t(b >> 32) ^ c[1] ^ key[0], uint32_t(b),
         uint32_t(a >> 32) ^ c[3] ^ key[1], uint32_t(a)};
    key[0] += kPhiloxWeyl0;
    key[1] += kPhiloxWeyl1;
  }
  return c;
}

/// The number of elements that one block of four words serves, a byte each.
inline constexpr int kPhiloxBytes = 16;

/// p as a fraction of 2^16.
inline uint32_t dropThreshold(double p) {
  return uint32_t(std::min(std::round(p * 65536.0), 65535.0));
}

/// Whether element `i` of a block is kept. Its byte is compared with the
/// threshold's high byte, or with that plus one. All elements of a block share
/// this choice. It is drawn from the exclusive or of all 16 bytes, with the
/// probability in the threshold's low byte. The draw is independent of any one
/// or two of the bytes. So an element is dropped with the probability threshold
/// / 2^16, and two elements have a covariance of at most 2^-18.
inline bool keepsElement(const std::array<uint32_t, 4> &words, int i,
                         uint32_t threshold) {
  uint32_t all = words[0] ^ words[1] ^ words[2] ^ words[3];
  all ^= all >> 16;
  all ^= all >> 8;
  uint32_t limit = (threshold >> 8) + ((all & 0xff) < (threshold & 0xff));
  return (words[i % 4] >> i / 4 * 8 & 0xff) >= limit;
}

} // namespace gradmill::nn
