#include "Norm.h"
#include "NormOnnx.h"
#include "Normalize.h"
#include "nn/Registry.h"
#include "nn/Sampler.h"

using namespace gradmill::nn;

// For random graphs. A single value per channel has no variance.
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

// Channels, space, or both.
static mlir::Value sampleNormalize(Sampler &s) {
  llvm::SmallVector<int64_t> axes;
  int64_t count = 1;
  for (int64_t d = 1; d < int64_t(s.shape().size()); ++d)
    if (s.chance(60)) {
      axes.push_back(d);
      count *= s.shape()[d];
    }
  // Of one value nothing is left, and of a few values mostly rounding.
  if (count < 3)
    return {};
  return s.add("nn.normalize", s.input(),
               {s.numbers("axes", axes), s.real("eps", s.chance(30) ? 1e-3 : 1e-5)});
}

GRADMILL_PLUGIN(norm) {
  registry
      .ops<BatchNormOp, BatchNormTrainOp, BatchStatsOp, ScaleShiftOp, RstdOp,
           ChannelAffineOp, BatchNormBackwardSumsOp, BatchNormBackwardInputOp,
           BatchNormBackwardCoefficientsOp, ChannelCombineOp>();
  registry.ops<NormalizeOp, NormalizeRstdOp, NormalizeBackwardOp, AxisMeanOp,
               AxisVarianceOp, CenterScaleOp, NormalizeBackwardInputOp>();
  registry.alsoCalled("nn.batch_norm", {"batch_norm2d", "batch_norm1d", "bn"});
  registry.alsoCalled("nn.normalize", {"layer_norm", "group_norm", "instance_norm",
                                       "instance_norm2d", "norm"});
  registry.sample("nn.batch_norm", sampleBatchNorm, 2);
  registry.sample("nn.normalize", sampleNormalize);
  addNormOnnxForms(registry);
}
