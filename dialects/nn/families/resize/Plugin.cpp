#include "Resize.h"
#include "ResizeOnnx.h"
#include "nn/Registry.h"
#include "nn/Sampler.h"

using namespace mlir;
using namespace gradmill::nn;

// Without an attribute for the size.
static SmallVector<NamedAttribute> drawMode(Sampler &s) {
  bool bilinear = s.chance(60);
  return {
      s.builder().getNamedAttr(
          "mode", s.builder().getStringAttr(bilinear ? "bilinear" : "nearest")),
      s.flag("align_corners", bilinear && s.chance(40))};
}

static Value sampleResize(Sampler &s) {
  if (!s.isImage())
    return {};
  SmallVector<NamedAttribute> attributes = drawMode(s);
  if (s.chance(50)) {
    attributes.push_back(s.numbers("size", s.pair(1, 16)));
  } else {
    auto factor = [&] { return 0.25 * double(s.between(1, 10)); };
    double height = factor(), width = s.chance(70) ? height : factor();
    attributes.push_back(s.builder().getNamedAttr(
        "scale", s.builder().getDenseF64ArrayAttr({height, width})));
  }
  return s.add("nn.resize2d", s.input(), attributes);
}

// Takes any cotangent.
static Value sampleBackward(Sampler &s) {
  if (!s.isImage())
    return {};
  SmallVector<NamedAttribute> attributes = drawMode(s);
  attributes.push_back(s.numbers("input_size", s.pair(1, 12)));
  return s.add("nn.resize2d_backward", s.input(), attributes);
}

GRADMILL_PLUGIN(resize) {
  registry.ops<Resize2DOp, Resize2DBackwardOp>();
  registry.alsoCalled("nn.resize2d", {"upsample", "interpolate", "up_sampling2d"});
  registry.sample("nn.resize2d", sampleResize);
  registry.sample("nn.resize2d_backward", sampleBackward);
  addResizeOnnxForms(registry);
}
