// Pictures for people: overlays, grids, captions.
#pragma once
#include "Maps.h"
#include "core/Error.h"

#include <string>
#include <vector>

namespace gradmill::cli {

/// RGB, [height, width, 3].
class Canvas {
public:
  Canvas(int64_t height, int64_t width, uint8_t ground = 255)
      : height(height), width(width),
        bytes(size_t(height * width * 3), ground) {}

  void set(int64_t y, int64_t x, uint8_t r, uint8_t g, uint8_t b);
  /// Each pixel of `other` becomes a square of `zoom` pixels.
  void place(const Canvas &other, int64_t top, int64_t left, int64_t zoom = 1);
  /// Smaller by a whole factor: means of squares of pixels.
  Canvas shrunk(int64_t factor) const;
  /// Digits, letters and a few signs, 5x7 pixels each; others are left empty.
  void write(const std::string &text, int64_t top, int64_t left, uint8_t gray = 0);
  rt::Status save(const std::string &path) const;
  /// The bytes of a PNG file.
  rt::Result<std::string> png() const;

  int64_t height, width;
  std::vector<uint8_t> bytes;
};

inline constexpr int64_t kGlyphHeight = 7, kGlyphWidth = 6; // with the gap

/// A picture [channels, height, width] of 0..1; gray unless it has three.
Canvas pictureOf(const std::vector<float> &values, int64_t channels,
                 int64_t height, int64_t width);
/// The map's colour over a gray picture, the stronger the larger it is; both of
/// one size, the map from 0 to 1.
Canvas overlay(const Canvas &picture, const PixelMap &map);
/// Numbers as gray, from the least (black) to the largest.
Canvas grayOf(const float *values, int64_t height, int64_t width);

/// A cell of a contact sheet: pictures side by side, and what stands below.
struct Cell {
  std::vector<Canvas> pictures;
  std::vector<std::string> lines;
};
/// Cells in rows of at most `columns`, pictures enlarged to about `side` pixels,
/// or made smaller to at most twice that.
Canvas contactSheet(std::vector<Cell> cells, int64_t columns, int64_t side);

} // namespace gradmill::cli
