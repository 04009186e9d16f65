#include "data/Image.h"

#include "files/Paths.h"

#include <algorithm>
#include <cmath>

namespace gradmill::rt {
namespace {

// Ink below this is no part of the digit: MNIST's boxes reach to the last trace
// of a stroke, and what paper leaves behind is weaker.
constexpr float kFaintest = 24;

// A plane of brightness, 0 to 255.
struct Plane {
  int width = 0, height = 0;
  std::vector<float> at;
  float operator()(int x, int y) const {
    return at[size_t(y) * size_t(width) + size_t(x)];
  }
};

float luminance(const uint8_t *rgba) { // Rec. 601
  return 0.299f * rgba[0] + 0.587f * rgba[1] + 0.114f * rgba[2];
}

// What to put behind transparent pixels: the end of the scale that the visible
// ones are farther from, or white strokes on nothing would vanish on white.
float backdropFor(const Picture &picture) {
  double sum = 0, weight = 0;
  for (size_t i = 0; i < picture.rgba.size(); i += 4) {
    double alpha = picture.rgba[i + 3];
    sum += alpha * luminance(&picture.rgba[i]);
    weight += alpha;
  }
  return weight > 0 && sum / weight > 127.5 ? 0.0f : 255.0f;
}

Plane brightness(const Picture &picture) {
  Plane plane{picture.width, picture.height, {}};
  plane.at.resize(picture.rgba.size() / 4);
  float backdrop = backdropFor(picture);
  for (size_t i = 0; i < plane.at.size(); ++i) {
    float alpha = picture.rgba[4 * i + 3] / 255.0f;
    plane.at[i] =
        alpha * luminance(&picture.rgba[4 * i]) + (1 - alpha) * backdrop;
  }
  return plane;
}

std::vector<float> borderOf(const Plane &plane) {
  std::vector<float> border;
  for (int x = 0; x < plane.width; ++x)
    for (int y : {0, plane.height - 1})
      border.push_back(plane(x, y));
  for (int y = 0; y < plane.height; ++y)
    for (int x : {0, plane.width - 1})
      border.push_back(plane(x, y));
  return border;
}

// The value below which `part` of the values lie.
float quantile(std::vector<float> &values, double part) {
  auto at = values.begin() + ptrdiff_t(part * double(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// The median of the border: what the digit stands on, unless it touches half
// of the border.
float backgroundOf(const Plane &plane) {
  std::vector<float> border = borderOf(plane);
  return quantile(border, 0.5);
}

// How far the paper itself strays from its median: grain, shadow, a scanner.
float strayOf(const Plane &plane, float background) {
  std::vector<float> border = borderOf(plane);
  for (float &value : border)
    value = std::abs(value - background);
  return quantile(border, 0.9);
}

bool inkIsDark(const Plane &plane, Invert invert) {
  if (invert != Invert::Auto)
    return invert == Invert::Yes;
  auto [low, high] = std::minmax_element(plane.at.begin(), plane.at.end());
  return backgroundOf(plane) > 0.5f * (*low + *high);
}

// Brightness to ink, 0 (background) to 255 (full pen). False: nothing to see.
bool toInk(Plane &plane, bool dark) {
  float background = backgroundOf(plane);
  auto [low, high] = std::minmax_element(plane.at.begin(), plane.at.end());
  float range = dark ? background - *low : *high - background;
  if (range < 24) // a tenth of the scale: paper grain, not a pen
    return false;
  // What the paper does by itself is not ink. On clean paper the floor is 0 and
  // the edges of the strokes keep every grey.
  float floor = std::min(1.5f * strayOf(plane, background), 0.4f * range);
  for (float &value : plane.at) {
    float ink = dark ? background - value : value - background;
    value = 255 * std::clamp((ink - floor) / (range - floor), 0.0f, 1.0f);
  }
  return true;
}

struct Box {
  int left, top, right, bottom; // right and bottom exclusive
  int width() const { return right - left; }
  int height() const { return bottom - top; }
};

Box inkBox(const Plane &plane) {
  Box box{plane.width, plane.height, 0, 0};
  for (int y = 0; y < plane.height; ++y)
    for (int x = 0; x < plane.width; ++x)
      if (plane(x, y) > kFaintest) {
        box.left = std::min(box.left, x),
        box.right = std::max(box.right, x + 1);
        box.top = std::min(box.top, y),
        box.bottom = std::max(box.bottom, y + 1);
      }
  return box;
}

// The overlap of target cells with source pixels along one axis.
struct Span {
  int first;
  std::vector<float> weight; // sums to 1
};

std::vector<Span> spansFor(int from, int size, int target) {
  std::vector<Span> spans;
  double step = double(size) / target;
  for (int i = 0; i < target; ++i) {
    double low = i * step, high = (i + 1) * step;
    int first = std::min(int(low), size - 1);
    int last = std::min(int(std::ceil(high)), size);
    Span span{from + first, {}};
    for (int k = first; k < std::max(last, first + 1); ++k)
      span.weight.push_back(
          float((std::min(high, k + 1.0) - std::max(low, double(k))) / step));
    spans.push_back(std::move(span));
  }
  return spans;
}

// Area averaging: each target pixel is the mean of the part of the source that
// it covers. Exact for shrinking and for enlarging alike.
Plane scaleBox(const Plane &plane, const Box &box, int width, int height) {
  std::vector<Span> columns = spansFor(box.left, box.width(), width);
  Plane out{width, height, {}};
  for (const Span &row : spansFor(box.top, box.height(), height))
    for (const Span &column : columns) {
      float sum = 0;
      for (size_t j = 0; j < row.weight.size(); ++j)
        for (size_t i = 0; i < column.weight.size(); ++i)
          sum += row.weight[j] * column.weight[i] *
                 plane(column.first + int(i), row.first + int(j));
      out.at.push_back(sum);
    }
  return out;
}

// The largest size of the same proportions within limit x limit.
void fit(const Box &box, int maxWidth, int maxHeight, int &width, int &height) {
  double scale = std::min(double(maxWidth) / box.width(),
                          double(maxHeight) / box.height());
  width = std::clamp(int(std::lround(box.width() * scale)), 1, maxWidth);
  height = std::clamp(int(std::lround(box.height() * scale)), 1, maxHeight);
}

// Copies `small` into `out` with its upper left corner at (left, top).
void paste(const Plane &small, int left, int top, int height, int width,
           uint8_t *out) {
  for (int y = 0; y < small.height; ++y)
    for (int x = 0; x < small.width; ++x) {
      int ox = left + x, oy = top + y;
      if (ox >= 0 && ox < width && oy >= 0 && oy < height)
        out[size_t(oy) * size_t(width) + size_t(ox)] =
            uint8_t(std::clamp(small(x, y), 0.0f, 255.0f) + 0.5f);
    }
}

std::vector<uint8_t> centreByMass(const Plane &small, int height, int width) {
  double mass = 0, mx = 0, my = 0;
  for (int y = 0; y < small.height; ++y)
    for (int x = 0; x < small.width; ++x) {
      mass += small(x, y);
      mx += x * small(x, y);
      my += y * small(x, y);
    }
  // The mass of every MNIST image lies within half a pixel of the index 14: not
  // of the frame's middle, 13.5. Half a pixel off is one pixel after rounding.
  // Ties go up and left as there; the 1e-4 keeps a symmetric digit, which is
  // such a tie, from being placed by its rounding errors.
  int left = int(std::ceil(width / 2 - mx / mass - 0.5 - 1e-4));
  int top = int(std::ceil(height / 2 - my / mass - 0.5 - 1e-4));
  // Keep the whole digit inside, even when its mass lies far to one side.
  left = std::clamp(left, 0, std::max(width - small.width, 0));
  top = std::clamp(top, 0, std::max(height - small.height, 0));
  std::vector<uint8_t> out(size_t(height) * size_t(width));
  paste(small, left, top, height, width, out.data());
  return out;
}

Error blank(const std::string &name) {
  return fileError(kBadInput, "image_blank", name,
                   "no digit found, the picture is all of one brightness",
                   "give a picture with one dark or light digit on a plain "
                   "background");
}

Result<std::vector<uint8_t>> prepareGray(const Picture &picture,
                                         const std::string &name, int height,
                                         int width, Invert invert) {
  Plane plane = brightness(picture);
  bool dark = inkIsDark(plane, invert);
  if (plane.width == width && plane.height == height) {
    std::vector<uint8_t> bytes;
    for (float value : plane.at)
      bytes.push_back(uint8_t((dark ? 255 - value : value) + 0.5f));
    return bytes;
  }
  if (!toInk(plane, dark))
    return blank(name);
  Box box = inkBox(plane);
  if (box.right <= box.left)
    return blank(name);
  // MNIST's proportions: a box of 20 in a frame of 28.
  int boxWidth = std::max(1, int(std::lround(width * 20 / 28.0)));
  int boxHeight = std::max(1, int(std::lround(height * 20 / 28.0)));
  int w, h;
  fit(box, boxWidth, boxHeight, w, h);
  return centreByMass(scaleBox(plane, box, w, h), height, width);
}

std::vector<uint8_t> prepareColour(const Picture &picture, int height,
                                   int width) {
  Box all{0, 0, picture.width, picture.height};
  int w, h;
  fit(all, width, height, w, h);
  size_t area = size_t(height) * size_t(width);
  std::vector<uint8_t> out(3 * area);
  for (int c = 0; c < 3; ++c) {
    Plane plane{picture.width, picture.height, {}};
    plane.at.resize(picture.rgba.size() / 4);
    for (size_t i = 0; i < plane.at.size(); ++i) {
      float alpha = picture.rgba[4 * i + 3] / 255.0f;
      plane.at[i] = alpha * picture.rgba[4 * i + c] + (1 - alpha) * 255;
    }
    paste(scaleBox(plane, all, w, h), (width - w) / 2, (height - h) / 2, height,
          width, out.data() + size_t(c) * area);
  }
  return out;
}

} // namespace

Result<std::vector<uint8_t>> prepareImage(const Picture &picture,
                                          const std::string &name, int channels,
                                          int height, int width,
                                          const ImageOptions &options) {
  auto sideIsFine = [](int side) { return side >= 1 && side <= 4096; };
  if ((channels != 1 && channels != 3) || !sideIsFine(height) ||
      !sideIsFine(width))
    return fileError(kBadInput, "image_shape", name,
                     "the model reads " + std::to_string(channels) + " x " +
                         std::to_string(height) + " x " + std::to_string(width),
                     "pictures can be given to models with 1 or 3 channels and "
                     "sides of 1 to 4096");
  if (channels == 3)
    return prepareColour(picture, height, width);
  return prepareGray(picture, name, height, width, options.invert);
}

Result<std::vector<uint8_t>> loadImageForModel(const std::string &path,
                                               int channels, int height,
                                               int width,
                                               const ImageOptions &options) {
  Result<Picture> picture = readPng(path, options.maxUnpack);
  if (!picture)
    return picture.error();
  return prepareImage(*picture, path, channels, height, width, options);
}

} // namespace gradmill::rt
