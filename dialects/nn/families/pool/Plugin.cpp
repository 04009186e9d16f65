#include "Pool.h"
#include "PoolOnnx.h"
#include "PoolSample.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(pool) {
  using namespace gradmill::nn;
  registry.ops<MaxPool2DOp, MaxPool2DBackwardOp, AvgPool2DOp,
               AvgPool2DBackwardOp, GlobalAvgPoolOp, GlobalAvgPoolBackwardOp,
               AdaptiveAvgPool2DOp, AdaptiveAvgPool2DBackwardOp>();
  registry.alsoCalled("nn.max_pool2d", {"max_pool", "maxpool", "max_pooling2d"});
  registry.alsoCalled("nn.avg_pool2d", {"avg_pool", "average_pool", "average_pooling2d"});
  registry.alsoCalled("nn.adaptive_avg_pool2d", {"adaptive_avg_pool"});
  registry.alsoCalled("nn.global_avg_pool", {"global_average_pool", "global_average_pooling2d"});
  addPoolSamples(registry);
  addPoolOnnxForms(registry);
}
