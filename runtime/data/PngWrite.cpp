// Separate from reading, so that an executable that only reads does not contain
// the encoder.
#include "data/Png.h"
#include "data/PngError.h"
#include "files/Output.h"
#include "files/Paths.h"

namespace gradmill::rt {
namespace {

using namespace png;

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

Result<std::string> encodePng(const std::string &path, int channels, int height,
                              int width, const std::vector<uint8_t> &bytes) {
  if ((channels != 1 && channels != 3) || height < 1 || width < 1 ||
      bytes.size() != size_t(channels) * size_t(height) * size_t(width))
    return fileError(kInternal, "png_shape", path,
                     "the bytes do not have the shape given",
                     "give [height, width, 1 or 3] bytes");
  Writing writing{bytes.data(), channels, height, width, {}, {}};
  if (!encode(writing))
    return fileError(kInternal, "png_shape", path, writing.failure.text,
                     "give a smaller picture");
  return std::string(writing.file.begin(), writing.file.end());
}

Status writePng(const std::string &path, int channels, int height, int width,
                const std::vector<uint8_t> &bytes) {
  auto file = encodePng(path, channels, height, width, bytes);
  if (!file)
    return file.error();
  return writeFile(path, {*file});
}

} // namespace gradmill::rt
