// Steps that move pixels. Maps are about the middle of the picture; each puts its
// inverse behind what is there, as pixels of the output look up where they come
// from.
#include "data/augment/Augment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace gradmill::rt {

void resample(const AugmentPicture &picture, std::span<const float> x,
              std::span<const float> y) {
  int height = picture.height, width = picture.width;
  std::vector<float> source(picture.plane());
  for (int c = 0; c < picture.channels; ++c) {
    float *plane = picture.planes + size_t(c) * picture.plane();
    std::copy_n(plane, picture.plane(), source.data());
    auto at = [&](int row, int column) {
      bool inside = row >= 0 && row < height && column >= 0 && column < width;
      return inside ? source[size_t(row) * size_t(width) + size_t(column)] : 0;
    };
    for (size_t i = 0; i < picture.plane(); ++i) {
      // Beyond one pixel outside all is black; an int holds what is left.
      float sx = std::clamp(x[i], -2.0f, float(width + 1));
      float sy = std::clamp(y[i], -2.0f, float(height + 1));
      float fx = std::floor(sx), fy = std::floor(sy);
      int column = int(fx), row = int(fy);
      float right = sx - fx, down = sy - fy;
      float top = at(row, column) * (1 - right) + at(row, column + 1) * right;
      float low =
          at(row + 1, column) * (1 - right) + at(row + 1, column + 1) * right;
      plane[i] = top * (1 - down) + low * down;
    }
  }
}

namespace {

constexpr double kNeeded = std::numeric_limits<double>::quiet_NaN();
constexpr double kDegree = std::numbers::pi / 180;
constexpr AugmentParameter kAlways{"p", 1, 0, 1, "how often it happens"};
constexpr AugmentParameter kHalf{"p", 0.5, 0, 1, "how often it happens"};

// outer(inner(x)).
void putBehind(Affine &outer, const Affine &inner) {
  Affine a = outer;
  outer.xx = a.xx * inner.xx + a.xy * inner.yx;
  outer.xy = a.xx * inner.xy + a.xy * inner.yy;
  outer.x0 = a.xx * inner.x0 + a.xy * inner.y0 + a.x0;
  outer.yx = a.yx * inner.xx + a.yy * inner.yx;
  outer.yy = a.yx * inner.xy + a.yy * inner.yy;
  outer.y0 = a.yx * inner.x0 + a.yy * inner.y0 + a.y0;
}

// The linear map [xx xy; yx yy] about the middle.
void putLinear(Affine &inverse, int height, int width, float xx, float xy,
               float yx, float yy) {
  float mx = 0.5f * float(width - 1), my = 0.5f * float(height - 1);
  putBehind(inverse, {xx, xy, mx - xx * mx - xy * my, //
                      yx, yy, my - yx * mx - yy * my});
}

float draw(RandomStream &random, double reach) {
  return random.uniform(float(-reach), float(reach));
}

void rotate(Affine &inverse, AugmentValues v, int height, int width,
            RandomStream &random) {
  float angle = draw(random, v[0] * kDegree);
  float c = std::cos(angle), s = std::sin(angle);
  putLinear(inverse, height, width, c, s, -s, c);
}

void shift(Affine &inverse, AugmentValues v, int, int, RandomStream &random) {
  float x = draw(random, v[0]), y = draw(random, v[0]);
  putBehind(inverse, {1, 0, -x, 0, 1, -y});
}

void scale(Affine &inverse, AugmentValues v, int height, int width,
           RandomStream &random) {
  float factor = 1 / (1 + draw(random, v[0]));
  putLinear(inverse, height, width, factor, 0, 0, factor);
}

void shear(Affine &inverse, AugmentValues v, int height, int width,
           RandomStream &random) {
  float slope = std::tan(draw(random, v[0] * kDegree));
  putLinear(inverse, height, width, 1, -slope, 0, 1);
}

void flipHorizontally(Affine &inverse, AugmentValues, int, int width,
                      RandomStream &) {
  putBehind(inverse, {-1, 0, float(width - 1), 0, 1, 0});
}

void flipVertically(Affine &inverse, AugmentValues, int height, int,
                    RandomStream &) {
  putBehind(inverse, {1, 0, 0, 0, -1, float(height - 1)});
}

// A window of the picture's size in the picture with a black border: a shift by
// whole pixels.
void crop(Affine &inverse, AugmentValues v, int, int, RandomStream &random) {
  uint64_t places = 2 * uint64_t(v[0]) + 1;
  float x = float(random.below(places)) - float(v[0]);
  float y = float(random.below(places)) - float(v[0]);
  putBehind(inverse, {1, 0, x, 0, 1, y});
}

// Along rows (stride 1) or columns of a field, zeros outside.
void blur(std::vector<float> &field, size_t lines, size_t lineStride,
          size_t length, size_t stride, const std::vector<float> &weights) {
  int radius = int(weights.size() / 2), count = int(length);
  std::vector<float> line(length);
  for (size_t l = 0; l < lines; ++l) {
    float *at = field.data() + l * lineStride;
    for (size_t i = 0; i < length; ++i)
      line[i] = at[i * stride];
    for (int i = 0; i < count; ++i) {
      float sum = 0;
      for (int k = std::max(-radius, -i); k <= std::min(radius, count - 1 - i);
           ++k)
        sum += weights[size_t(k + radius)] * line[size_t(i + k)];
      at[size_t(i) * stride] = sum;
    }
  }
}

std::vector<float> smoothNoise(const AugmentPicture &picture, double sigma,
                               RandomStream &random) {
  std::vector<float> field(picture.plane()), weights;
  for (float &value : field)
    value = random.uniform(-1, 1);
  int radius = int(std::ceil(3 * sigma));
  double sum = 0;
  for (int k = -radius; k <= radius; ++k) {
    weights.push_back(float(std::exp(-0.5 * k * k / (sigma * sigma))));
    sum += weights.back();
  }
  for (float &weight : weights)
    weight = float(weight / sum);
  size_t height = size_t(picture.height), width = size_t(picture.width);
  blur(field, height, width, width, 1, weights);
  blur(field, width, 1, height, width, weights);
  return field;
}

// Simard, Steinkraus, Platt, 2003: noise, smoothed, as displacements.
void elastic(const AugmentPicture &picture, AugmentValues v,
             RandomStream &random) {
  float alpha = float(v[0]);
  std::vector<float> x = smoothNoise(picture, v[1], random);
  std::vector<float> y = smoothNoise(picture, v[1], random);
  size_t i = 0;
  for (int row = 0; row < picture.height; ++row)
    for (int column = 0; column < picture.width; ++column, ++i) {
      x[i] = float(column) + alpha * x[i];
      y[i] = float(row) + alpha * y[i];
    }
  resample(picture, x, y);
}

constexpr AugmentParameter kRotate[] = {
    {"degrees", kNeeded, 0, 180, "turns within ± so many degrees"}, kAlways};
constexpr AugmentParameter kShift[] = {
    {"pixels", kNeeded, 0, 1000, "moves within ± so many pixels"}, kAlways};
constexpr AugmentParameter kScale[] = {
    {"fraction", kNeeded, 0, 0.9, "resizes within 1 ± this fraction"}, kAlways};
constexpr AugmentParameter kShear[] = {
    {"degrees", kNeeded, 0, 60, "leans within ± so many degrees"}, kAlways};
constexpr AugmentParameter kFlip[] = {kHalf};
constexpr AugmentParameter kCrop[] = {
    {"padding", kNeeded, 0, 1000, "width of the border", true}, kAlways};
constexpr AugmentParameter kElastic[] = {
    {"alpha", 34, 0, 1000, "strength: pixels before smoothing"},
    {"sigma", 4, 0.5, 64, "pixels over which displacements are smoothed"},
    kAlways};

constexpr AugmentKind kKinds[] = {
    {"rotate", "turn about the middle", kRotate, rotate},
    {"shift", "move, by fractions of pixels, too", kShift, shift},
    {"scale", "resize about the middle", kScale, scale},
    {"shear", "lean along x", kShear, shear},
    {"flip_h", "swap left and right", kFlip, flipHorizontally},
    {"flip_v", "swap top and bottom", kFlip, flipVertically},
    {"crop", "a window of the picture with a black border", kCrop, crop},
    {"elastic", "smooth random displacements", kElastic, nullptr, elastic}};

} // namespace

extern const std::span<const AugmentKind> kGeometry;
const std::span<const AugmentKind> kGeometry = kKinds;

} // namespace gradmill::rt
