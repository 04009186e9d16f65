#include "Dense.h"
#include "DenseOnnx.h"
#include "DenseSample.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(dense) {
  using namespace gradmill::nn;
  registry.ops<LinearOp, LinearBackwardDataOp, LinearBackwardWeightsOp,
               LinearPackWeightOp, LinearChannelsOp, MatmulOp>();
  registry.alsoCalled("nn.linear", {"dense", "fc", "fully_connected", "gemm"});
  registry.alsoCalled("nn.matmul", {"bmm", "mm", "dot", "einsum"});
  addDenseSamples(registry);
  addDenseOnnxForms(registry);
}
