// PNG files to and from plain bytes, through libpng.
#pragma once

#include "core/Error.h"
#include "data/Unpack.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

struct Picture {
  int width = 0, height = 0;
  std::vector<uint8_t> rgba; // [height, width, 4], 8 bits, alpha not multiplied
};

// Any bit depth, palette, gray, alpha, interlacing. At most 64 megapixels and
// 16384 a side, and no more than `maxUnpack` times the file in memory
// (Unpack.h). Errors: those of readFile, png_signature, png_damaged,
// png_too_large, unpack_limit.
Result<Picture> readPng(const std::string &path,
                        uint64_t maxUnpack = kMaxUnpack);

// A file in memory: channels 1 (gray) or 3 (RGB); bytes are [height, width,
// channels]. `path` is for messages. Error: png_shape.
Result<std::string> encodePng(const std::string &path, int channels, int height,
                              int width, const std::vector<uint8_t> &bytes);
// The same, written. Errors: png_shape, write_failed.
Status writePng(const std::string &path, int channels, int height, int width,
                const std::vector<uint8_t> &bytes);

} // namespace gradmill::rt
