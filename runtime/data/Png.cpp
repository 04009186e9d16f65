// libpng reports errors by longjmp, which must not pass over a C++ destructor.
// So each function with a setjmp holds no such object of its own: everything
// that owns memory lives in a struct of its caller.
#include "data/Png.h"

#include "data/Files.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <png.h>

namespace gradmill::rt {
namespace {

constexpr uint64_t kMaxFile = uint64_t(256) << 20;
constexpr uint64_t kMaxPixels = uint64_t(64) << 20;
constexpr uint32_t kMaxSide = 16384;

struct Failure {
  char text[160] = "";
  bool tooLarge = false;
};

[[noreturn]] void onError(png_structp png, png_const_charp text) {
  auto *failure = static_cast<Failure *>(png_get_error_ptr(png));
  std::snprintf(failure->text, sizeof failure->text, "%s", text);
  png_longjmp(png, 1);
}

void onWarning(png_structp, png_const_charp) {}

struct Reading {
  std::vector<uint8_t> file;
  size_t at = 0;
  Picture picture;
  std::vector<png_bytep> rows;
  Failure failure;
};

void onRead(png_structp png, png_bytep out, size_t size) {
  auto *reading = static_cast<Reading *>(png_get_io_ptr(png));
  if (size > reading->file.size() - reading->at)
    png_error(png, "the file is cut off");
  std::memcpy(out, reading->file.data() + reading->at, size);
  reading->at += size;
}

// Makes room for the pixels, once the header seems honest: deflate packs at
// most 1032 to 1, so a small file cannot hold a huge picture.
bool makeRoom(png_structp png, png_infop info, Reading &reading) {
  uint64_t width = png_get_image_width(png, info);
  uint64_t height = png_get_image_height(png, info);
  uint64_t packed = png_get_rowbytes(png, info) * height;
  if (width > kMaxSide || height > kMaxSide || width * height > kMaxPixels) {
    reading.failure.tooLarge = true;
    std::snprintf(reading.failure.text, sizeof reading.failure.text,
                  "%llu x %llu pixels", (unsigned long long)width,
                  (unsigned long long)height);
    return false;
  }
  if (packed > 1040 * uint64_t(reading.file.size()) + 4096) {
    std::snprintf(reading.failure.text, sizeof reading.failure.text,
                  "the header promises more pixels than the file can hold");
    return false;
  }
  reading.picture.width = int(width);
  reading.picture.height = int(height);
  reading.picture.rgba.resize(width * height * 4);
  reading.rows.resize(height);
  for (uint64_t y = 0; y < height; ++y)
    reading.rows[y] = reading.picture.rgba.data() + y * width * 4;
  return true;
}

bool decode(Reading &reading) {
  png_structp png = png_create_read_struct(
      PNG_LIBPNG_VER_STRING, &reading.failure, onError, onWarning);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  if (!info) {
    png_destroy_read_struct(&png, nullptr, nullptr);
    return false;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  png_set_read_fn(png, &reading, onRead);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff); // ours are in makeRoom
  png_set_chunk_cache_max(png, 100);
  png_set_chunk_malloc_max(png, 8 << 20);
  png_read_info(png, info);
  if (!makeRoom(png, info, reading)) {
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  png_set_scale_16(png);
  png_set_expand(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != size_t(reading.picture.width) * 4)
    png_error(png, "unsupported pixel format");
  png_read_image(png, reading.rows.data());
  png_read_end(png, nullptr);
  png_destroy_read_struct(&png, &info, nullptr);
  return true;
}

struct Writing {
  const uint8_t *bytes;
  int channels, height, width;
  std::vector<uint8_t> file;
  Failure failure;
};

void onWrite(png_structp png, png_bytep bytes, size_t size) {
  auto &file = static_cast<Writing *>(png_get_io_ptr(png))->file;
  file.insert(file.end(), bytes, bytes + size);
}

void onFlush(png_structp) {}

bool encode(Writing &writing) {
  png_structp png = png_create_write_struct(
      PNG_LIBPNG_VER_STRING, &writing.failure, onError, onWarning);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  if (!info) {
    png_destroy_write_struct(&png, nullptr);
    return false;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    return false;
  }
  png_set_write_fn(png, &writing, onWrite, onFlush);
  png_set_IHDR(png, info, png_uint_32(writing.width),
               png_uint_32(writing.height), 8,
               writing.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (int y = 0; y < writing.height; ++y)
    png_write_row(png,
                  writing.bytes + size_t(y) * writing.width * writing.channels);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return true;
}

} // namespace

Result<Picture> readPng(const std::string &path) {
  Result<std::vector<uint8_t>> file = readFile(path, kMaxFile);
  if (!file)
    return file.error();
  Reading reading;
  reading.file = std::move(*file);
  if (reading.file.size() < 8 || png_sig_cmp(reading.file.data(), 0, 8) != 0)
    return fileError(kBadInput, "png_signature", path, "not a PNG file",
                     "give a PNG image");
  if (!decode(reading)) {
    if (reading.failure.tooLarge)
      return fileError(kBadInput, "png_too_large", path, reading.failure.text,
                       "scale it below 64 megapixels and 16384 a side");
    return fileError(kBadInput, "png_damaged", path,
                     *reading.failure.text ? reading.failure.text
                                           : "libpng does not start",
                     "save the image again");
  }
  return std::move(reading.picture);
}

Status writePng(const std::string &path, int channels, int height, int width,
                const std::vector<uint8_t> &bytes) {
  if ((channels != 1 && channels != 3) || height < 1 || width < 1 ||
      bytes.size() != size_t(channels) * size_t(height) * size_t(width))
    return fileError(kInternal, "png_shape", path,
                     "the bytes do not have the shape given",
                     "give [height, width, 1 or 3] bytes");
  Writing writing{bytes.data(), channels, height, width, {}, {}};
  if (!encode(writing))
    return fileError(kInternal, "png_shape", path, writing.failure.text,
                     "give a smaller picture");
  return writeFileAtomically(path, writing.file.data(), writing.file.size());
}

} // namespace gradmill::rt
