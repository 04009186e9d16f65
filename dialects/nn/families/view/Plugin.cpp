#include "View.h"
#include "ViewSample.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(view) {
  using namespace gradmill::nn;
  registry.ops<ReshapeOp, FlattenOp, TransposeOp, SliceOp, SliceBackwardOp,
               ConcatOp, PadOp, PadBackwardOp>();
  addViewSamples(registry);
}
