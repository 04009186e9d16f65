#include "Conv.h"
#include "ConvSample.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(conv) {
  using namespace gradmill::nn;
  registry.ops<Conv2DOp, Conv2DBackwardDataOp, Conv2DBackwardDataSumOp,
               Conv2DBackwardWeightsOp, ConvTranspose2DOp, ConvBiasOp,
               Conv2DPackFilterOp, Conv2DChannelsOp,
               Conv2DChannelsWinogradFilterOp, Conv2DChannelsWinogradOp>();
  addConvSamples(registry);
}
