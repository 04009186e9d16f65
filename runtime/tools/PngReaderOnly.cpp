// libpng's reader names three functions of its writer. They bring the writer
// and zlib's compressor into executables that only read: 70 KB. A linker that
// has seen these replacements, such as lld, takes them instead. They are weak:
// in a program that also writes pictures, libpng's own win.
#include <png.h>

#include <cstdlib>

#define GRADMILL_IF_NO_WRITER __attribute__((weak))

extern "C" {

// Both work on structures of the writer, which nobody can have made here.
GRADMILL_IF_NO_WRITER void png_destroy_write_struct(png_structpp, png_infopp) {
  std::abort();
}
GRADMILL_IF_NO_WRITER void png_free_buffer_list(png_structrp, void *) {
  std::abort();
}

// For the text of an error in a colour profile. Big-endian.
GRADMILL_IF_NO_WRITER void png_save_uint_32(png_bytep out, png_uint_32 value) {
  for (int i = 0; i < 4; ++i)
    out[i] = png_byte(value >> (24 - 8 * i));
}
}
