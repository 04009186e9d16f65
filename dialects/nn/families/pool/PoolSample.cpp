// Pools for random graphs (nn/Sampler.h), and their adjoints.
#include "PoolSample.h"
#include "nn/Sampler.h"

using namespace mlir;

namespace gradmill::nn {

// Stride, paddings, rounding. Also the default stride, which is the kernel.
static SmallVector<NamedAttribute> drawWindow(Sampler &s) {
  SmallVector<int64_t, 4> kernel(s.pair(1, 4)), padding{0, 0};
  if (s.chance(2)) // much larger than any image
    kernel[0] = s.size(1, 1 << 20);
  auto some = [&](int axis) { return s.between(0, kernel[axis] / 2); };
  switch (s.below(5)) {
  case 1:
    padding = {kernel[0] / 2, kernel[1] / 2};
    break;
  case 2:
    padding = {some(0), some(1)};
    break;
  case 3:
    padding = {some(0), some(1), some(0), some(1)};
  }
  SmallVector<NamedAttribute> attributes{s.numbers("kernel", kernel),
                                         s.numbers("padding", padding)};
  if (s.chance(50))
    attributes.push_back(s.numbers("stride", s.pair(1, 3)));
  if (s.chance(30))
    attributes.push_back(s.flag("ceil_mode", true));
  return attributes;
}

static SmallVector<NamedAttribute> drawMax(Sampler &s) {
  auto attributes = drawWindow(s);
  if (s.chance(20))
    attributes.push_back(s.numbers("dilation", s.pair(1, 3)));
  return attributes;
}

static SmallVector<NamedAttribute> drawAverage(Sampler &s) {
  auto attributes = drawWindow(s);
  if (s.chance(50))
    attributes.push_back(s.flag("count_include_pad", false));
  return attributes;
}

static NamedAttribute inputSize(Sampler &s) {
  return s.numbers("input_size", s.shape().drop_front(2));
}

static Value sampleMax(Sampler &s) {
  return s.isImage() ? s.add("nn.max_pool2d", s.input(), drawMax(s)) : Value();
}

static Value sampleAverage(Sampler &s) {
  return s.isImage() ? s.add("nn.avg_pool2d", s.input(), drawAverage(s))
                     : Value();
}

static Value sampleGlobal(Sampler &s) {
  return s.isImage() ? s.add("nn.global_avg_pool", s.input()) : Value();
}

static Value sampleAdaptive(Sampler &s) {
  return s.isImage() ? s.add("nn.adaptive_avg_pool2d", s.input(),
                             s.numbers("output_size", s.pair(1, 6)))
                     : Value();
}

// Its adjoint takes any cotangent.
static Value sampleAdaptiveBackward(Sampler &s) {
  return s.isImage() ? s.add("nn.adaptive_avg_pool2d_backward", s.input(),
                             s.numbers("input_size", s.pair(1, 12)))
                     : Value();
}

// The adjoint of a pool of the graph, or of another one, which may not fit.
static Value sampleMaxBackward(Sampler &s) {
  if (!s.isImage())
    return {};
  auto attributes = drawMax(s);
  Value pooled = s.add("nn.max_pool2d", s.input(), attributes);
  if (s.chance(25))
    attributes = drawMax(s);
  return pooled
             ? s.add("nn.max_pool2d_backward", {pooled, s.input()}, attributes)
             : Value();
}

static Value sampleAverageBackward(Sampler &s) {
  if (!s.isImage())
    return {};
  auto attributes = drawAverage(s);
  Value pooled = s.add("nn.avg_pool2d", s.input(), attributes);
  if (s.chance(25))
    attributes = drawAverage(s);
  attributes.push_back(inputSize(s));
  return pooled ? s.add("nn.avg_pool2d_backward", pooled, attributes) : Value();
}

static Value sampleGlobalBackward(Sampler &s) {
  Value pooled = sampleGlobal(s);
  return pooled ? s.add("nn.global_avg_pool_backward", pooled, inputSize(s))
                : Value();
}

void addPoolSamples(Registry &registry) {
  registry.sample("nn.max_pool2d", sampleMax);
  registry.sample("nn.avg_pool2d", sampleAverage);
  registry.sample("nn.global_avg_pool", sampleGlobal);
  registry.sample("nn.adaptive_avg_pool2d", sampleAdaptive);
  registry.sample("nn.adaptive_avg_pool2d_backward", sampleAdaptiveBackward);
  registry.sample("nn.max_pool2d_backward", sampleMaxBackward);
  registry.sample("nn.avg_pool2d_backward", sampleAverageBackward);
  registry.sample("nn.global_avg_pool_backward", sampleGlobalBackward);
}

} // namespace gradmill::nn
