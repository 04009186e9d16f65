#include "Conv.h"
#include "ConvOnnx.h"
#include "ConvSample.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(conv) {
  using namespace gradmill::nn;
  registry.ops<Conv2DOp, Conv2DBackwardDataOp, Conv2DBackwardDataSumOp,
               Conv2DBackwardWeightsOp, ConvTranspose2DOp, ConvBiasOp,
               Conv2DPackFilterOp, Conv2DChannelsOp,
               Conv2DChannelsWinogradFilterOp, Conv2DChannelsWinogradOp>();
  registry.alsoCalled("nn.conv2d", {"conv", "convolution", "conv_2d", "conv1d"});
  registry.alsoCalled("nn.conv_transpose2d",
                      {"deconv", "deconv2d", "conv2d_transpose", "transposed_conv2d"});
  addConvSamples(registry);
  addConvOnnxForms(registry);
}
