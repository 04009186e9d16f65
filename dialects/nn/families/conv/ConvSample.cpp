// Convolutions for random graphs (nn/Sampler.h): all kinds of windows and
// groups. The adjoints belong to a convolution of the graph, or to another one,
// which they must refuse.
#include "ConvSample.h"
#include "Conv.h"
#include "nn/Sampler.h"

using namespace mlir;

namespace gradmill::nn {

namespace {

struct Window {
  SmallVector<int64_t, 2> kernel{1, 1}, stride{1, 1}, dilation{1, 1};
  SmallVector<int64_t, 4> padding{0, 0};
  int64_t groups = 1;

  SmallVector<NamedAttribute> attributes(Sampler &s) const {
    return {s.numbers("stride", stride), s.numbers("padding", padding),
            s.numbers("dilation", dilation), s.number("groups", groups)};
  }
};

struct Convolution {
  Value filter, output;
  Window window;
};

} // namespace

static int64_t drawGroups(Sampler &s, int64_t channels) {
  if (!s.chance(25))
    return 1;
  if (s.chance(50))
    return channels;
  int64_t groups = s.between(1, channels);
  return channels % groups ? 1 : groups;
}

static Window drawWindow(Sampler &s) {
  Window w;
  if (int64_t kind = s.below(4))
    w.kernel = kind < 3 ? SmallVector<int64_t, 2>{3, 3} : s.pair(1, 7);
  if (s.chance(15))
    w.dilation = s.pair(1, 3);
  if (s.chance(30))
    w.stride = s.pair(1, 3);
  if (s.chance(1))
    w.stride = {s.size(1, 100000), 1};
  switch (s.below(4)) {
  case 1: // as large as the input
    for (int i : {0, 1})
      w.padding[i] = w.dilation[i] * (w.kernel[i] - 1) / 2;
    break;
  case 2:
    w.padding = s.pair(0, 4);
    break;
  case 3: // different on each side
    w.padding = s.pair(0, 4);
    llvm::append_range(w.padding, s.pair(0, 4));
  }
  return w;
}

static Convolution addConvolution(Sampler &s) {
  Convolution c;
  if (!s.isImage())
    return c;
  int64_t channels = s.shape()[1];
  c.window = drawWindow(s);
  c.window.groups = drawGroups(s, channels);
  int64_t filters =
      std::max<int64_t>(1, s.channels() / c.window.groups) * c.window.groups;
  c.filter = s.parameter({filters, channels / c.window.groups,
                          c.window.kernel[0], c.window.kernel[1]});
  SmallVector<Value> operands{s.input(), c.filter};
  if (s.chance(30))
    operands.push_back(s.parameter({filters}));
  c.output = s.add("nn.conv2d", operands, c.window.attributes(s));
  return c;
}

// The window of an adjoint: that of the convolution, or one that does not fit
// it.
static Window adjointWindow(Sampler &s, const Window &forward) {
  if (!s.chance(40))
    return forward;
  Window other = s.chance(30) ? drawWindow(s) : forward;
  other.stride = s.pair(1, 5);
  other.kernel = forward.kernel;
  other.groups = forward.groups;
  return other;
}

static SmallVector<int64_t> imageSize(Sampler &s) {
  return SmallVector<int64_t>(s.shape().drop_front(2));
}

static Value sampleConv2D(Sampler &s) { return addConvolution(s).output; }

static Value sampleBackwardData(Sampler &s) {
  Convolution c = addConvolution(s);
  if (!c.output)
    return {};
  auto attributes = adjointWindow(s, c.window).attributes(s);
  attributes.push_back(s.numbers("input_size", imageSize(s)));
  return s.add("nn.conv2d_backward_data", {c.output, c.filter}, attributes);
}

static Value sampleBackwardDataSum(Sampler &s) {
  Convolution one = addConvolution(s), two = addConvolution(s);
  if (!one.output || !two.output)
    return {};
  Window w = adjointWindow(s, one.window), v = adjointWindow(s, two.window);
  return s.add("nn.conv2d_backward_data_sum",
               {one.output, one.filter, two.output, two.filter},
               {s.numbers("stride", w.stride), s.numbers("padding", w.padding),
                s.numbers("dilation", w.dilation),
                s.numbers("other_padding", v.padding),
                s.numbers("other_dilation", v.dilation),
                s.numbers("input_size", imageSize(s))});
}

// Its result is a filter, with which the input is convolved.
static Value sampleBackwardWeights(Sampler &s) {
  Convolution c = addConvolution(s);
  if (!c.output)
    return {};
  Window window = adjointWindow(s, c.window);
  auto attributes = window.attributes(s);
  attributes.push_back(s.numbers("kernel_size", window.kernel));
  Value filter =
      s.add("nn.conv2d_backward_weights", {s.input(), c.output}, attributes);
  return filter
             ? s.add("nn.conv2d", {s.input(), filter}, c.window.attributes(s))
             : Value();
}

// To fewer pixels if padding crops, to more with strides.
static Value sampleTranspose(Sampler &s) {
  if (!s.isImage())
    return {};
  int64_t channels = s.shape()[1];
  Window window = drawWindow(s);
  window.groups = drawGroups(s, channels);
  int64_t filters = std::max<int64_t>(1, s.channels() / window.groups);
  SmallVector<Value> operands{
      s.input(),
      s.parameter({channels, filters, window.kernel[0], window.kernel[1]})};
  if (s.chance(30))
    operands.push_back(s.parameter({filters * window.groups}));
  auto attributes = window.attributes(s);
  if (s.chance(40))
    attributes.push_back(s.numbers("output_padding", s.pair(0, 2)));
  return s.add("nn.conv_transpose2d", operands, attributes);
}

void addConvSamples(Registry &registry) {
  registry.sample("nn.conv2d", sampleConv2D, 5);
  registry.sample("nn.conv_transpose2d", sampleTranspose);
  registry.sample("nn.conv2d_backward_data", sampleBackwardData);
  registry.sample("nn.conv2d_backward_data_sum", sampleBackwardDataSum);
  registry.sample("nn.conv2d_backward_weights", sampleBackwardWeights);
}

} // namespace gradmill::nn
