#include "Dense.h"
#include "DenseSample.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(dense) {
  using namespace gradmill::nn;
  registry.ops<LinearOp, LinearBackwardDataOp, LinearBackwardWeightsOp,
               MatmulOp>();
  addDenseSamples(registry);
}
