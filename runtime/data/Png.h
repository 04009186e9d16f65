// PNG files to and from plain bytes, through libpng.
#pragma once

#include "core/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

struct Picture {
  int width = 0, height = 0;
  std::vector<uint8_t> rgba; // [height, width, 4], 8 bits, alpha not multiplied
};

// Any bit depth, palette, gray, alpha, interlacing. At most 64 megapixels and
// 16384 a side. Errors: file_unreadable, file_too_large, png_signature,
// png_damaged, png_too_large.
Result<Picture> readPng(const std::string &path);

// channels 1 (gray) or 3 (RGB); bytes are [height, width, channels].
// Errors: png_shape, file_unwritable.
Status writePng(const std::string &path, int channels, int height, int width,
                const std::vector<uint8_t> &bytes);

} // namespace gradmill::rt
