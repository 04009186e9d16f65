#include "Dense.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(dense) {
  using namespace gradmill::nn;
  registry.ops<FlattenOp, UnflattenOp, LinearOp, LinearBackwardDataOp,
               LinearBackwardWeightsOp>();
}
