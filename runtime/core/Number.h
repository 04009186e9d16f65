// Numbers to text and back, exactly and the same in every locale. std::to_chars
// and std::from_chars do it for doubles with tables of 150 KB, which a
// stand-alone executable would carry for a handful of numbers.
#pragma once

#include <charconv>
#include <string>

namespace gradmill::rt {

// The whole text as a number; false if it is none, or out of range.
template <typename T> bool parseWhole(const std::string &text, T &value) {
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}
bool parseWhole(const std::string &text, double &value);

// Decimal digits that read back to the same double, as few as possible.
std::string exactText(double value);

// With so many decimals, as people read it: no "-0.00" and no "-nan".
std::string fixedText(double value, int decimals);

} // namespace gradmill::rt
