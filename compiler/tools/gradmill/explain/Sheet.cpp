#include "Sheet.h"
#include "data/Png.h"
#include <algorithm>
#include <cmath>
#include <string_view>

namespace gradmill::cli {
namespace {

// Rows of five dots from the top, '#' set.
struct Glyph {
  char sign;
  const char *rows;
};
constexpr Glyph kGlyphs[] = {
    {'0', ".###.#...##..###.#.###..##...#.###."}, {'1', "..#...##....#....#....#....#...###."},
    {'2', ".###.#...#....#...#...#...#...#####"}, {'3', "####.....#....#.###.....#....#####."},
    {'4', "...#...##..#.#.#..#.#####...#....#."}, {'5', "######....####.....#....##...#.###."},
    {'6', ".###.#....#....####.#...##...#.###."}, {'7', "#####....#...#...#...#....#....#..."},
    {'8', ".###.#...##...#.###.#...##...#.###."}, {'9', ".###.#...##...#.####....#....#.###."},
    {'%', "##..###..#...#...#...#...#..####..#"}, {'.', ".........................##...##..."},
    {'-', "...............#####..............."}, {'#', ".#.#..#.#.#####.#.#.#####.#.#..#.#."},
    {'>', ".#.....#.....#.....#...#...#...#..."}, {':', ".....##...##.........##...##......."}};
// Letters, in the order of the alphabet.
constexpr const char *kLetters[] = {
    ".###.#...##...#######...##...##...#", "####.#...##...#####.#...##...#####.",
    ".###.#...##....#....#....#...#.###.", "####.#...##...##...##...##...#####.",
    "######....#....####.#....#....#####", "######....#....####.#....#....#....",
    ".###.#...##....#.####...##...#.####", "#...##...##...#######...##...##...#",
    ".###...#....#....#....#....#...###.", "..###...#....#....#....#.#..#..##..",
    "#...##..#.#.#..##...#.#..#..#.#...#", "#....#....#....#....#....#....#####",
    "#...###.###.#.##.#.##...##...##...#", "#...###..##.#.##..###...##...##...#",
    ".###.#...##...##...##...##...#.###.", "####.#...##...#####.#....#....#....",
    ".###.#...##...##...##.#.##..#..##.#", "####.#...##...#####.#.#..#..#.#...#",
    ".#####....#.....###.....#....#####.", "#####..#....#....#....#....#....#..",
    "#...##...##...##...##...##...#.###.", "#...##...##...##...##...#.#.#...#..",
    "#...##...##...##.#.##.#.###.###...#", "#...##...#.#.#...#...#.#.#...##...#",
    "#...##...#.#.#...#....#....#....#..", "#####....#...#...#...#...#....#####"};

const char *glyphOf(char sign) {
  if (sign >= 'a' && sign <= 'z')
    sign = char(sign - 'a' + 'A');
  if (sign >= 'A' && sign <= 'Z')
    return kLetters[sign - 'A'];
  for (const Glyph &glyph : kGlyphs)
    if (glyph.sign == sign)
      return glyph.rows;
  return nullptr;
}

uint8_t byteOf(double value) {
  return uint8_t(std::lround(std::clamp(value, 0.0, 1.0) * 255));
}
} // namespace

void Canvas::set(int64_t y, int64_t x, uint8_t r, uint8_t g, uint8_t b) {
  if (y < 0 || x < 0 || y >= height || x >= width)
    return;
  uint8_t *pixel = bytes.data() + (y * width + x) * 3;
  pixel[0] = r;
  pixel[1] = g;
  pixel[2] = b;
}

void Canvas::place(const Canvas &other, int64_t top, int64_t left, int64_t zoom) {
  for (int64_t y = 0; y < other.height * zoom; ++y)
    for (int64_t x = 0; x < other.width * zoom; ++x) {
      const uint8_t *pixel =
          other.bytes.data() + (y / zoom * other.width + x / zoom) * 3;
      set(top + y, left + x, pixel[0], pixel[1], pixel[2]);
    }
}

Canvas Canvas::shrunk(int64_t factor) const {
  Canvas out(std::max<int64_t>(height / factor, 1),
             std::max<int64_t>(width / factor, 1));
  for (int64_t i = 0; i < out.height * out.width * 3; ++i) {
    int64_t top = i / 3 / out.width * factor, left = i / 3 % out.width * factor;
    int64_t sum = 0, count = 0;
    for (int64_t y = top; y < std::min(top + factor, height); ++y)
      for (int64_t x = left; x < std::min(left + factor, width); ++x, ++count)
        sum += bytes[size_t((y * width + x) * 3 + i % 3)];
    out.bytes[size_t(i)] = uint8_t(sum / std::max<int64_t>(count, 1));
  }
  return out;
}

void Canvas::write(const std::string &text, int64_t top, int64_t left,
                   uint8_t gray) {
  for (char sign : text) {
    if (const char *rows = glyphOf(sign))
      for (int64_t i = 0; rows[i]; ++i)
        if (rows[i] == '#')
          set(top + i / 5, left + i % 5, gray, gray, gray);
    left += kGlyphWidth;
  }
}

rt::Status Canvas::save(const std::string &path) const {
  return rt::writePng(path, 3, int(height), int(width), bytes);
}

rt::Result<std::string> Canvas::png() const {
  return rt::encodePng("a picture", 3, int(height), int(width), bytes);
}

Canvas pictureOf(const std::vector<float> &values, int64_t channels,
                 int64_t height, int64_t width) {
  Canvas out(height, width);
  int64_t pixels = height * width;
  for (int64_t p = 0; p < pixels; ++p) {
    uint8_t rgb[3];
    for (int64_t c = 0; c < 3; ++c)
      rgb[c] = byteOf(values[size_t((channels == 3 ? c : 0) * pixels + p)]);
    out.set(p / width, p % width, rgb[0], rgb[1], rgb[2]);
  }
  return out;
}

// Blue, green, yellow, red.
Canvas overlay(const Canvas &picture, const PixelMap &map) {
  Canvas out(picture.height, picture.width);
  for (int64_t p = 0; p < picture.height * picture.width; ++p) {
    const uint8_t *pixel = picture.bytes.data() + p * 3;
    double gray = (0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]) / 255;
    double heat = map.values[size_t(p)], part = 0.25 + 0.45 * heat;
    double rgb[] = {std::clamp(1.5 - std::fabs(4 * heat - 3), 0.0, 1.0),
                    std::clamp(1.5 - std::fabs(4 * heat - 2), 0.0, 1.0),
                    std::clamp(1.5 - std::fabs(4 * heat - 1), 0.0, 1.0)};
    uint8_t mixed[3];
    for (int i = 0; i < 3; ++i)
      mixed[i] = byteOf((1 - part) * gray + part * rgb[i]);
    out.set(p / picture.width, p % picture.width, mixed[0], mixed[1], mixed[2]);
  }
  return out;
}

Canvas grayOf(const float *values, int64_t height, int64_t width) {
  auto [least, most] = std::minmax_element(values, values + height * width);
  std::vector<float> gray;
  for (int64_t i = 0; i < height * width; ++i)
    gray.push_back(*most > *least ? (values[i] - *least) / (*most - *least) : 0);
  return pictureOf(gray, 1, height, width);
}

Canvas contactSheet(std::vector<Cell> cells, int64_t columns, int64_t side) {
  constexpr int64_t gap = 8;
  for (Cell &cell : cells)
    for (Canvas &picture : cell.pictures)
      if (int64_t size = std::max(picture.height, picture.width); size > 2 * side)
        picture = picture.shrunk((size + 2 * side - 1) / (2 * side));
  int64_t cellHeight = 0, cellWidth = 0;
  auto zoomOf = [&](const Canvas &picture) {
    return std::max<int64_t>(1, side / std::max(picture.height, picture.width));
  };
  for (const Cell &cell : cells) {
    int64_t width = 0, height = 0;
    for (const Canvas &picture : cell.pictures) {
      width += picture.width * zoomOf(picture) + 2;
      height = std::max(height, picture.height * zoomOf(picture));
    }
    for (const std::string &line : cell.lines)
      width = std::max(width, int64_t(line.size()) * kGlyphWidth);
    height += int64_t(cell.lines.size()) * (kGlyphHeight + 4) + 2;
    cellHeight = std::max(cellHeight, height);
    cellWidth = std::max(cellWidth, width);
  }
  auto count = int64_t(cells.size());
  columns = std::min(columns, std::max<int64_t>(count, 1));
  int64_t rows = std::max<int64_t>((count + columns - 1) / columns, 1);
  constexpr uint8_t ground = 228; // neither black nor white, as pictures are
  Canvas sheet(rows * (cellHeight + gap) + gap, columns * (cellWidth + gap) + gap,
               ground);
  for (int64_t i = 0; i < count; ++i) {
    int64_t top = gap + i / columns * (cellHeight + gap);
    int64_t left = gap + i % columns * (cellWidth + gap), x = left, below = top;
    for (const Canvas &picture : cells[size_t(i)].pictures) {
      sheet.place(picture, top, x, zoomOf(picture));
      x += picture.width * zoomOf(picture) + 2;
      below = std::max(below, top + picture.height * zoomOf(picture));
    }
    below += 4;
    for (const std::string &line : cells[size_t(i)].lines) {
      sheet.write(line, below, left);
      below += kGlyphHeight + 4;
    }
  }
  return sheet;
}

} // namespace gradmill::cli
