// Views for random graphs (nn/Sampler.h), where values are [N, C] or
// [N, C, H, W].
#include "ViewSample.h"
#include "nn/Sampler.h"

using namespace mlir;

namespace gradmill::nn {

static Value sampleFlatten(Sampler &s) {
  return s.isImage() ? s.add("nn.flatten", s.input()) : Value();
}

// To an image, or from one image to another.
static Value sampleReshape(Sampler &s) {
  int64_t rest = RefTensor::numElements(s.shape().drop_front());
  auto factor = [&] {
    int64_t n = s.between(1, 8);
    if (rest % n)
      return int64_t(1);
    rest /= n;
    return n;
  };
  SmallVector<int64_t> shape{0, -1, factor(), factor()};
  if (s.chance(30))
    shape = {0, factor(), factor(), -1};
  return s.add("nn.reshape", s.input(), s.numbers("shape", shape));
}

static Value sampleTranspose(Sampler &s) {
  if (!s.isImage())
    return {};
  SmallVector<int64_t> rest{1, 2, 3}, permutation{0};
  while (!rest.empty()) {
    int64_t *at = rest.begin() + s.below(rest.size());
    permutation.push_back(*at);
    rest.erase(at);
  }
  return s.add("nn.transpose", s.input(),
               s.numbers("permutation", permutation));
}

static int64_t axisOf(Sampler &s) { return s.between(1, s.shape().size() - 1); }

static Value sampleSlice(Sampler &s) {
  int64_t axis = axisOf(s), size = s.shape()[axis];
  int64_t start = s.between(-size, size - 1), end = s.between(-size, size);
  int64_t stride = s.between(1, 3);
  if (s.chance(30))
    stride = -stride;
  if (s.chance(50))
    end = stride > 0 ? INT64_MAX : INT64_MIN;
  return s.add("nn.slice", s.input(),
               {s.numbers("axes", {axis}), s.numbers("starts", {start}),
                s.numbers("ends", {end}), s.numbers("strides", {stride})});
}

// With a value of the same type: a longer tensor, or all of another.
static Value sampleConcat(Sampler &s) {
  Value other = s.sameType(s.input().getType());
  if (!other || s.chance(30))
    other = s.input();
  return s.add("nn.concat", {s.input(), other}, s.number("axis", axisOf(s)));
}

static Value samplePad(Sampler &s) {
  SmallVector<int64_t> axes, low, high;
  for (int64_t axis = 1; axis < int64_t(s.shape().size()); ++axis)
    if (s.chance(60)) {
      axes.push_back(axis);
      low.push_back(s.between(0, 3));
      high.push_back(s.between(0, 3));
    }
  static constexpr StringRef kModes[] = {"constant", "reflect", "replicate"};
  StringRef mode = kModes[s.below(3)];
  return s.add(
      "nn.pad", s.input(),
      {s.numbers("axes", axes), s.numbers("low", low), s.numbers("high", high),
       s.builder().getNamedAttr("mode", s.builder().getStringAttr(mode)),
       s.real("value", double(s.between(-2, 2)) / 2)});
}

void addViewSamples(Registry &registry) {
  registry.sample("nn.flatten", sampleFlatten);
  registry.sample("nn.reshape", sampleReshape);
  registry.sample("nn.transpose", sampleTranspose);
  registry.sample("nn.slice", sampleSlice);
  registry.sample("nn.concat", sampleConcat);
  registry.sample("nn.pad", samplePad);
}

} // namespace gradmill::nn
