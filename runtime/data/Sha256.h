// SHA-256 (FIPS 180-4), to recognise downloaded files. Written here because a
// stand-alone trainer should not need a cryptography library for 11 MB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace gradmill::rt {

class Sha256 {
public:
  void update(const void *bytes, size_t size);
  // The digest in lower-case hexadecimal; ends the computation.
  std::string finish();

private:
  void block(const uint8_t *bytes);

  std::array<uint32_t, 8> state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> pending{};
  size_t pendingSize = 0;
  uint64_t total = 0;
};

} // namespace gradmill::rt
