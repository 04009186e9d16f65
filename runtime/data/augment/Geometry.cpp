// Steps that move pixels. Maps are about the middle of the picture; each puts its
// inverse behind what is there, as pixels of the output look up where they come
// from.
#include "data/augment/Augment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace gradmill::rt {

// A frame of zeros around the plane, one pixel before and two behind: sampling
// needs no test whether a neighbour exists, only a clamp (as Warper::warp).
void resample(const AugmentPicture &picture, std::span<const float> x,
              std::span<const float> y) {
  int height = picture.height, width = picture.width, stride = width + 3;
  size_t count = picture.plane();
  std::vector<float> framed(size_t(height + 3) * size_t(stride));
  std::vector<int32_t> corner(count);
  std::vector<float> right(count), down(count);
  for (size_t i = 0; i < count; ++i) {
    float sx = std::clamp(x[i] + 1, 0.0f, float(width + 1));
    float sy = std::clamp(y[i] + 1, 0.0f, float(height + 1));
    int column = int(sx), row = int(sy);
    corner[i] = row * stride + column;
    right[i] = sx - float(column);
    down[i] = sy - float(row);
  }
  for (int c = 0; c < picture.channels; ++c) {
    float *plane = picture.planes + size_t(c) * count;
    for (int row = 0; row < height; ++row)
      std::copy_n(plane + size_t(row) * size_t(width), width,
                  framed.data() + size_t(row + 1) * size_t(stride) + 1);
    for (size_t i = 0; i < count; ++i) {
      const float *p = framed.data() + corner[i];
      float top = p[0] * (1 - right[i]) + p[1] * right[i];
      float low = p[stride] * (1 - right[i]) + p[stride + 1] * right[i];
      plane[i] = top * (1 - down[i]) + low * down[i];
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

// A field, zeros outside, times the weights along both axes. The inner loops go
// along rows, for vectors.
void blur(std::vector<float> &field, int height, int width,
          const std::vector<float> &weights) {
  int radius = int(weights.size() / 2);
  std::vector<float> sums(field.size());
  for (int row = 0; row < height; ++row)
    for (int k = std::max(-radius, -row);
         k <= std::min(radius, height - 1 - row); ++k) {
      const float *from = field.data() + size_t(row + k) * size_t(width);
      float *to = sums.data() + size_t(row) * size_t(width);
      float weight = weights[size_t(k + radius)];
      for (int i = 0; i < width; ++i)
        to[i] += weight * from[i];
    }
  std::vector<float> line(size_t(width + 2 * radius));
  for (int row = 0; row < height; ++row) {
    float *out = field.data() + size_t(row) * size_t(width);
    std::copy_n(sums.data() + size_t(row) * size_t(width), width,
                line.data() + radius);
    std::fill_n(out, width, 0.0f);
    for (int k = 0; k <= 2 * radius; ++k)
      for (int i = 0; i < width; ++i)
        out[i] += weights[size_t(k)] * line[size_t(i + k)];
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
  blur(field, picture.height, picture.width, weights);
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
