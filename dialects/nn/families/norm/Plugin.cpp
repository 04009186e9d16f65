#include "Norm.h"
#include "nn/Registry.h"
#include "nn/Sampler.h"

using namespace gradmill::nn;

// For random graphs. One value per channel has no variance.
static mlir::Value sampleBatchNorm(Sampler &s) {
  llvm::ArrayRef<int64_t> shape = s.shape();
  if (mlir::ShapedType::getNumElements(shape) == shape[1])
    return {};
  llvm::SmallVector<mlir::NamedAttribute> attributes;
  if (s.chance(20))
    attributes = {s.real("eps", 1e-3), s.real("momentum", 0.01)};
  int64_t c = shape[1];
  return s.add("nn.batch_norm",
               {s.input(), s.parameter({c}), s.parameter({c}),
                s.parameter({c}, "buffer"), s.parameter({c}, "buffer")},
               attributes);
}

GRADMILL_PLUGIN(norm) {
  registry
      .ops<BatchNormOp, BatchNormTrainOp, BatchStatsOp, ScaleShiftOp, RstdOp,
           ChannelAffineOp, BatchNormBackwardSumsOp, BatchNormBackwardInputOp,
           BatchNormBackwardCoefficientsOp, ChannelCombineOp>();
  registry.sample("nn.batch_norm", sampleBatchNorm, 2);
}
