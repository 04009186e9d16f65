#include "Activation.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(activation) {
  using namespace gradmill::nn;
  registry.ops<ReluOp, ReluBackwardOp>();
}
