#include "Pool.h"
#include "PoolSample.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(pool) {
  using namespace gradmill::nn;
  registry.ops<MaxPool2DOp, MaxPool2DBackwardOp, AvgPool2DOp,
               AvgPool2DBackwardOp, GlobalAvgPoolOp, GlobalAvgPoolBackwardOp,
               AdaptiveAvgPool2DOp, AdaptiveAvgPool2DBackwardOp>();
  addPoolSamples(registry);
}
