// Catches libpng's errors. libpng reports them by longjmp, which must not skip
// a C++ destructor. So a function with a setjmp holds no such object of its
// own, and everything that owns memory lives in a struct of its caller.
#pragma once

#include <csetjmp>
#include <cstdio>
#include <png.h>

namespace gradmill::rt::png {

struct Failure {
  char text[160] = "";
  bool tooLarge = false;
};

[[noreturn]] inline void onError(png_structp png, png_const_charp text) {
  auto *failure = static_cast<Failure *>(png_get_error_ptr(png));
  std::snprintf(failure->text, sizeof failure->text, "%s", text);
  png_longjmp(png, 1);
}

inline void onWarning(png_structp, png_const_charp) {}

} // namespace gradmill::rt::png
