#include "data/Digits.h"

#include "data/Glyphs.h"
#include "data/Random.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

namespace gradmill::rt {
namespace {

constexpr float kDegrees = 3.14159265f / 180;

struct Point {
  float x, y;
};
struct Stroke {
  char kind; // l, c, o
  std::vector<Point> points;
};
using Glyph = std::vector<Stroke>;

Glyph parseGlyph(const char *text) {
  Glyph glyph;
  while (*text) {
    if (*text == 'l' || *text == 'c' || *text == 'o') {
      glyph.push_back({*text++, {}});
    } else if (*text == ' ' || *text == '|') {
      ++text;
    } else {
      char *end = nullptr;
      float x = std::strtof(text, &end);
      float y = std::strtof(end, &end);
      text = end;
      glyph.back().points.push_back({x, y});
    }
  }
  return glyph;
}

const std::vector<Glyph> &formsOf(int digit) {
  static const auto all = [] {
    std::array<std::vector<Glyph>, 10> forms;
    for (size_t d = 0; d < 10; ++d)
      for (const char *text : kGlyphs[d])
        forms[d].push_back(parseGlyph(text));
    return forms;
  }();
  return all[size_t(digit)];
}

// The curve through p1..p2 with neighbours p0 and p3 at t in [0, 1].
Point catmullRom(Point p0, Point p1, Point p2, Point p3, float t) {
  auto along = [t](float a, float b, float c, float d) {
    return b +
           0.5f * t *
               (c - a +
                t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  };
  return {along(p0.x, p1.x, p2.x, p3.x), along(p0.y, p1.y, p2.y, p3.y)};
}

// A stroke as short straight pieces. Straight lines are cut up as well, so that
// they can be bent below.
std::vector<Point> flatten(const Stroke &stroke) {
  constexpr int pieces = 6;
  const auto &p = stroke.points;
  int n = int(p.size());
  bool closed = stroke.kind == 'o', straight = stroke.kind == 'l';
  auto at = [&](int i) {
    return p[size_t(closed ? (i + n) % n : std::clamp(i, 0, n - 1))];
  };
  std::vector<Point> line{p[0]};
  for (int i = 0; i < (closed ? n : n - 1); ++i)
    for (int k = 1; k <= pieces; ++k) {
      float t = float(k) / pieces;
      Point a = at(i), b = at(i + 1);
      line.push_back(straight
                         ? Point{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)}
                         : catmullRom(at(i - 1), a, b, at(i + 2), t));
    }
  return line;
}

// The shape jitter of one drawing: glyph frame to pixels.
class Placement {
public:
  explicit Placement(RandomStream &random) {
    float angle = 8.0f * random.bell() * kDegrees;
    float shear = 0.16f * random.bell();
    float size = random.uniform(0.16f, 0.215f);
    float width = size * random.uniform(0.8f, 1.15f);
    float c = std::cos(angle), s = std::sin(angle);
    xx = c * width, xy = (c * shear - s) * size;
    yx = s * width, yy = (s * shear + c) * size;
    x0 = 13.5f + 1.3f * random.bell();
    y0 = 13.5f + 1.3f * random.bell();
    for (Point &v : bend)
      v = {0.75f * random.bell(), 0.75f * random.bell()};
  }

  Point apply(Point p) const {
    float u = p.x - 35, v = p.y - 50;
    Point q{xx * u + xy * v + x0, yx * u + yy * v + y0};
    Point d = bendAt(q);
    return {q.x + d.x, q.y + d.y};
  }

private:
  // Elastic jitter: random vectors on a 4x4 grid over the image, interpolated
  // smoothly in between.
  Point bendAt(Point q) const {
    float gx = std::clamp(q.x / 9.0f, 0.0f, 2.999f);
    float gy = std::clamp(q.y / 9.0f, 0.0f, 2.999f);
    int i = int(gx), j = int(gy);
    float u = ease(gx - float(i)), v = ease(gy - float(j));
    const Point &a = bend[j * 4 + i], &b = bend[j * 4 + i + 1];
    const Point &c = bend[j * 4 + i + 4], &d = bend[j * 4 + i + 5];
    auto mix = [&](float p, float q, float r, float s) {
      return (1 - v) * (p + u * (q - p)) + v * (r + u * (s - r));
    };
    return {mix(a.x, b.x, c.x, d.x), mix(a.y, b.y, c.y, d.y)};
  }
  static float ease(float t) { return t * t * (3 - 2 * t); }

  float xx, xy, yx, yy, x0, y0;
  Point bend[16];
};

// Draws a segment with round ends. Coverage falls from 1 to 0 over the one
// pixel around the edge of the pen; only pixels near the segment are visited.
void drawSegment(float *canvas, Point a, Point b, float radius) {
  float reach = radius + 0.5f;
  auto low = [&](float p, float q) {
    return std::clamp(int(std::floor(std::min(p, q) - reach)), 0, kDigitSide);
  };
  auto high = [&](float p, float q) {
    return std::clamp(int(std::ceil(std::max(p, q) + reach)) + 1, 0,
                      kDigitSide);
  };
  float dx = b.x - a.x, dy = b.y - a.y;
  float length2 = std::max(dx * dx + dy * dy, 1e-12f);
  for (int y = low(a.y, b.y), yEnd = high(a.y, b.y); y < yEnd; ++y)
    for (int x = low(a.x, b.x), xEnd = high(a.x, b.x); x < xEnd; ++x) {
      float px = float(x) - a.x, py = float(y) - a.y;
      float t = std::clamp((px * dx + py * dy) / length2, 0.0f, 1.0f);
      float ex = px - t * dx, ey = py - t * dy;
      float ink = reach - std::sqrt(ex * ex + ey * ey);
      float &pixel = canvas[y * kDigitSide + x];
      pixel = std::max(pixel, std::clamp(ink, 0.0f, 1.0f));
    }
}

void drawStroke(float *canvas, Stroke stroke, const Placement &place,
                float radius, RandomStream &random) {
  for (Point &p : stroke.points)
    p = {p.x + 2.2f * random.bell(), p.y + 2.2f * random.bell()};
  std::vector<Point> line = flatten(stroke);
  for (Point &p : line)
    p = place.apply(p);
  for (size_t i = 0; i + 1 < line.size(); ++i)
    drawSegment(canvas, line[i], line[i + 1], radius);
}

// Grain on every pixel, and now and then a speck of dirt.
void addNoise(float *canvas, RandomStream &random) {
  float grain = random.uniform(0.0f, 0.09f);
  for (int i = 0; i < kDigitSide * kDigitSide; ++i)
    canvas[i] += grain * random.bell();
  for (uint64_t specks = random.below(4); specks > 0; --specks) {
    Point at{random.uniform(0, kDigitSide), random.uniform(0, kDigitSide)};
    drawSegment(canvas, at, at, random.uniform(0.1f, 0.5f));
  }
}

// A different permutation of the ten labels in each run of ten.
int labelOf(uint64_t seed, DigitSplit split, uint64_t index) {
  RandomStream random(seed, Purpose::Digits, 2 + uint64_t(split), index / 10);
  static constexpr uint64_t steps[4] = {1, 3, 7, 9}; // prime to 10
  uint64_t step = steps[random.below(4)], first = random.below(10);
  return int((first + step * (index % 10)) % 10);
}

Dataset drawSplit(const DigitOptions &options, DigitSplit split, size_t count,
                  const char *name) {
  constexpr size_t pixels = kDigitSide * kDigitSide;
  Dataset data{name, count, {}};
  Column image{.name = "image", .shape = {1, kDigitSide, kDigitSide}};
  Column label{.name = "label", .target = true, .classes = 10};
  image.values.resize(count * pixels);
  label.values.resize(count);
  for (size_t i = 0; i < count; ++i)
    label.values[i] = uint8_t(drawDigit(options.seed, split, i,
                                        image.values.data() + i * pixels));
  data.columns.push_back(std::move(image));
  data.columns.push_back(std::move(label));
  return data;
}

} // namespace

int drawDigit(uint64_t seed, DigitSplit split, uint64_t index,
              uint8_t *pixels) {
  int label = labelOf(seed, split, index);
  RandomStream random(seed, Purpose::Digits, uint64_t(split), index);
  const auto &forms = formsOf(label);
  const Glyph &glyph = forms[random.below(forms.size())];

  float canvas[kDigitSide * kDigitSide] = {};
  Placement place(random);
  float radius = random.uniform(0.75f, 1.7f);
  float ink = random.uniform(0.75f, 1.0f);
  for (const Stroke &stroke : glyph)
    drawStroke(canvas, stroke, place, radius, random);
  for (float &pixel : canvas)
    pixel *= ink;
  addNoise(canvas, random);
  for (int i = 0; i < kDigitSide * kDigitSide; ++i)
    pixels[i] = uint8_t(std::clamp(canvas[i], 0.0f, 1.0f) * 255 + 0.5f);
  return label;
}

Result<DatasetSplit> drawDigits(const DigitOptions &options) {
  constexpr size_t most = 1000000;
  if (options.train < 1 || options.train > most || options.test < 1 ||
      options.test > most)
    return Error{kUsage, "digits_count",
                 "drawn digits: " + std::to_string(options.train) +
                     " to train and " + std::to_string(options.test) +
                     " to test; ask for 1 to 1000000 of each"};
  DatasetSplit split;
  split.train =
      drawSplit(options, DigitSplit::Train, options.train, "digits/train");
  split.test =
      drawSplit(options, DigitSplit::Test, options.test, "digits/test");
  split.source = "drawn digits (seed " + std::to_string(options.seed) + ")";
  return split;
}

} // namespace gradmill::rt
