// UTF-8, for text that may be invalid: the shortest forms of U+0000 to U+10FFFF
// without the surrogates (Unicode 15, table 3-7).
#pragma once

#include <cstdint>
#include <string_view>

namespace gradmill::rt {

struct Utf8 {
  bool valid;
  size_t length; // of the character; else of the longest beginning of one, or 1
};

// The character at `at`, which is within the text.
inline Utf8 utf8At(std::string_view text, size_t at) {
  uint8_t first = uint8_t(text[at]);
  if (first < 0x80)
    return {true, 1};
  if (first < 0xC2 || first > 0xF4)
    return {false, 1};
  size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  uint8_t least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  uint8_t most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  for (size_t i = 1; i < length; ++i) {
    uint8_t next = at + i < text.size() ? uint8_t(text[at + i]) : uint8_t(0);
    if (next < least || next > most)
      return {false, i};
    least = 0x80;
    most = 0xBF;
  }
  return {true, length};
}

} // namespace gradmill::rt
