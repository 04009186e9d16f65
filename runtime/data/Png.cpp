// The functions with a setjmp follow the rule in PngError.h.
#include "data/Png.h"

#include "data/PngError.h"
#include "files/Input.h"
#include "files/Paths.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace gradmill::rt {
namespace {

using namespace png;

constexpr uint64_t kMaxFile = uint64_t(256) << 20;
constexpr uint64_t kMaxPixels = uint64_t(64) << 20;
constexpr uint32_t kMaxSide = 16384;

struct Reading {
  std::vector<uint8_t> file;
  uint64_t allowed = 0; // bytes in memory
  bool unpacksTooFar = false;
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

// Makes room for the pixels if the header is plausible: deflate packs at most
// 1032 to 1, so a small file cannot hold a huge picture.
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
  if (width * height * 4 > reading.allowed) {
    reading.unpacksTooFar = true;
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

} // namespace

Result<Picture> readPng(const std::string &path, uint64_t maxUnpack) {
  Result<std::vector<uint8_t>> file = readFile(path, kMaxFile);
  if (!file)
    return file.error();
  Reading reading;
  reading.file = std::move(*file);
  reading.allowed = unpackLimit(reading.file.size(), maxUnpack);
  if (reading.file.size() < 8 || png_sig_cmp(reading.file.data(), 0, 8) != 0)
    return fileError(kBadInput, "png_signature", path, "not a PNG file",
                     "give a PNG image");
  if (!decode(reading)) {
    if (reading.unpacksTooFar)
      return fileError(kBadInput, "unpack_limit", path,
                       std::to_string(reading.file.size()) +
                           " bytes unpack to more than " +
                           std::to_string(maxUnpack) + " times as much",
                       "if that is right, raise --max-unpack");
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

} // namespace gradmill::rt
