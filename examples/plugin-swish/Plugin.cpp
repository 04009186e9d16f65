#include "Swish.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(swish) {
  using namespace gradmill::nn;
  registry.ops<SwishOp, SwishBackwardOp>();
}
