#include "BlurPool.h"
#include "Prelu.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(linalg) {
  using namespace gradmill::nn;
  registry.ops<BlurPoolOp, BlurPoolBackwardOp>();
  registry.ops<PreluOp, PreluBackwardOp, PreluBackwardSlopeOp>();
}
