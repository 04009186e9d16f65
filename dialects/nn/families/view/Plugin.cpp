#include "View.h"
#include "ViewOnnx.h"
#include "ViewSample.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(view) {
  using namespace gradmill::nn;
  registry.ops<ReshapeOp, FlattenOp, TransposeOp, SliceOp, SliceBackwardOp,
               ConcatOp, PaddingOp, PadBackwardOp>();
  registry.alsoCalled("nn.transpose", {"permute", "swapaxes"});
  registry.alsoCalled("nn.reshape", {"view", "unflatten", "squeeze", "unsqueeze", "expand_dims"});
  registry.alsoCalled("nn.concat", {"cat", "concatenate", "stack"});
  registry.alsoCalled("nn.pad", {"zero_pad2d", "padding"});
  registry.alsoCalled("nn.slice", {"narrow", "select", "chunk", "split", "index_select"});
  addViewSamples(registry);
  addViewOnnxForms(registry);
}
