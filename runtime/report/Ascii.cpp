#include "report/Ascii.h"

#include <algorithm>

namespace gradmill::rt {

std::vector<std::string> asciiArt(const uint8_t *image, int height, int width) {
  static constexpr char kInk[] = " .:-=+*#%@";
  constexpr int levels = int(sizeof kInk) - 1;
  std::vector<std::string> lines;
  for (int y = 0; y < height; y += 2) {
    std::string line;
    for (int x = 0; x < width; ++x) {
      int top = image[y * width + x];
      int bottom = y + 1 < height ? image[(y + 1) * width + x] : top;
      line += kInk[std::min((top + bottom) * levels / 512, levels - 1)];
    }
    lines.push_back(line);
  }
  return lines;
}

} // namespace gradmill::rt
