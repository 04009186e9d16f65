// Numbers to text and back, exactly and the same in every locale. std::to_chars
// and std::from_chars need tables of 150 KB for doubles, which a stand-alone
// executable would carry for a handful of numbers.
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

// The fewest decimal digits that read back to the same double.
std::string exactText(double value);

// With a fixed number of decimals, for people: no "-0.00" and no "-nan".
std::string fixedText(double value, int decimals);

} // namespace gradmill::rt
