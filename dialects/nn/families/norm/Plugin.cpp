#include "Norm.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(norm) {
  using namespace gradmill::nn;
  registry
      .ops<BatchNormOp, BatchNormTrainOp, BatchStatsOp, ScaleShiftOp, RstdOp,
           ChannelAffineOp, BatchNormBackwardSumsOp, BatchNormBackwardInputOp,
           BatchNormBackwardCoefficientsOp, ChannelCombineOp>();
}
