// The preprocessing "digit": any picture of a digit becomes one as in MNIST.
//
// MNIST's own preparation (LeCun et al., 1998): the ink is scaled to fit a
// 20x20 box with its proportions, anti-aliased, and placed in 28x28 with its
// centre of mass in the middle. White on black. A picture that already has the
// model's size is only inverted if needed, never moved.
#include "data/Image.h"
#include "data/Plane.h"
#include "files/Paths.h"

#include <algorithm>
#include <cmath>

namespace gradmill::rt {
namespace {

// Ink below this is no part of the digit. MNIST's boxes include the weakest
// trace of a stroke, and the marks of paper are weaker.
constexpr float kFaintest = 24;

// The colour behind transparent pixels: the end of the scale that is farther
// from the visible ones. Otherwise white strokes on nothing would vanish on
// white.
float backdropFor(const Picture &picture) {
  double sum = 0, weight = 0;
  for (size_t i = 0; i < picture.rgba.size(); i += 4) {
    double alpha = picture.rgba[i + 3];
    sum += alpha * luminance(&picture.rgba[i]);
    weight += alpha;
  }
  return weight > 0 && sum / weight > 127.5 ? 0.0f : 255.0f;
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

// The median of the border is the background, unless the digit touches half of
// the border.
float backgroundOf(const Plane &plane) {
  std::vector<float> border = borderOf(plane);
  return quantile(border, 0.5);
}

// How far the background itself varies from its median: grain, shadow, a
// scanner.
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
  // The background's own variation is not ink. On clean paper the floor is 0
  // and the edges of the strokes keep every grey.
  float floor = std::min(1.5f * strayOf(plane, background), 0.4f * range);
  for (float &value : plane.at) {
    float ink = dark ? background - value : value - background;
    value = 255 * std::clamp((ink - floor) / (range - floor), 0.0f, 1.0f);
  }
  return true;
}

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

std::vector<uint8_t> centreByMass(const Plane &small, int height, int width) {
  double mass = 0, mx = 0, my = 0;
  for (int y = 0; y < small.height; ++y)
    for (int x = 0; x < small.width; ++x) {
      mass += small(x, y);
      mx += x * small(x, y);
      my += y * small(x, y);
    }
  // The mass of every MNIST image lies within half a pixel of the index 14, not
  // of the frame's middle, 13.5. Half a pixel off is one pixel after rounding.
  // Ties go up and left, as in MNIST. The 1e-4 keeps rounding errors from
  // moving a symmetric digit, which is such a tie.
  int left = int(std::ceil(width / 2 - mx / mass - 0.5 - 1e-4));
  int top = int(std::ceil(height / 2 - my / mass - 0.5 - 1e-4));
  // Keeps the whole digit inside, even if its mass lies far to one side.
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

} // namespace

Result<std::vector<uint8_t>> digitPicture(const Picture &picture,
                                          const std::string &name, int height,
                                          int width, Invert invert) {
  Plane plane = planeOf(picture, -1, backdropFor(picture));
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

} // namespace gradmill::rt
