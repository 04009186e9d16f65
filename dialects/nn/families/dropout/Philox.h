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

/// Random 16-bit numbers below it drop their element.
inline uint32_t dropThreshold(double p) {
  return uint32_t(std::min(std::round(p * 65536.0), 65535.0));
}

} // namespace gradmill::nn
