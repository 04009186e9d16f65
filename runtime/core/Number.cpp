#include "core/Number.h"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace gradmill::rt {
namespace {

// A program that loads the runtime may have set a locale with a decimal comma.
class PlainLocale {
public:
  PlainLocale()
      : plain(newlocale(LC_ALL_MASK, "C", nullptr)),
        before(plain ? uselocale(plain) : nullptr) {}
  ~PlainLocale() {
    if (!plain)
      return;
    uselocale(before);
    freelocale(plain);
  }

private:
  locale_t plain, before;
};

} // namespace

bool parseWhole(const std::string &text, double &value) {
  // strtod would also skip blanks and read hexadecimal digits.
  if (text.empty() || text.find_first_of(" \t\n\v\f\rxX+") == 0 ||
      text.find_first_of("xX") != std::string::npos)
    return false;
  PlainLocale locale;
  char *end;
  errno = 0;
  double read = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size() ||
      (errno == ERANGE && (read > 1 || read < -1)))
    return false;
  value = read;
  return true;
}

std::string exactText(double value) {
  PlainLocale locale;
  char text[40];
  for (int digits = 15; digits <= 17; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value)
      break;
  }
  return text;
}

std::string fixedText(double value, int decimals) {
  if (std::isnan(value))
    return "nan";
  char text[512]; // the largest double has 309 digits before the point
  std::snprintf(text, sizeof text, "%.*f", std::min(decimals, 99), value);
  bool zero = std::isfinite(value) && !std::strpbrk(text, "123456789");
  return zero && text[0] == '-' ? text + 1 : text;
}

} // namespace gradmill::rt
