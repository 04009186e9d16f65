#include "BlurPool.h"
#include "LinalgPrelu.h"
#include "nn/Registry.h"
#include "nn/Sampler.h"

GRADMILL_PLUGIN(linalg) {
  using namespace gradmill::nn;
  registry.ops<BlurPoolOp, BlurPoolBackwardOp>();
  // For random graphs; linalg_prelu needs no word, as its attributes and shapes
  // are the plainest.
  registry.sample("nn.blur_pool", [](Sampler &s) -> mlir::Value {
    if (!s.isImage())
      return {};
    return s.add("nn.blur_pool", s.input(),
                 {s.number("size", s.between(2, 7)),
                  s.number("stride", s.between(1, 3))});
  });
  registry
      .ops<LinalgPreluOp, LinalgPreluBackwardOp, LinalgPreluBackwardSlopeOp>();
}
