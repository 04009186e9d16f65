#include "Reduce.h"
#include "nn/Onnx.h"
#include "nn/Registry.h"
#include "nn/Sampler.h"

using namespace gradmill::nn;

// Along some axes, kept, and combined with the value again: random graphs
// consist of [N, C] and [N, C, H, W].
template <typename Op> static mlir::Value sample(Sampler &s) {
  llvm::SmallVector<int64_t> axes;
  for (int64_t d = 1; d < int64_t(s.shape().size()); ++d)
    if (s.chance(50))
      axes.push_back(d);
  mlir::Value x = s.input();
  mlir::Value y = s.add(Op::getOperationName(), x,
                        {s.numbers("axes", axes), s.flag("keep_dims", true)});
  return y && s.chance(60) ? s.add("nn.add", {x, y}) : y;
}

static constexpr char kSum[] = "ReduceSum", kMean[] = "ReduceMean",
                      kMax[] = "ReduceMax";
template <typename Op, const char *name>
static mlir::LogicalResult writeOnnx(Op op, OnnxWriter &w) {
  return w.give(op, w.node(name, {w.value(op.getInput()), w.ints(op.getAxes())},
                           {{"keepdims", op.getKeepDims()}}));
}

GRADMILL_PLUGIN(reduce) {
  registry.ops<ReduceSumOp, ReduceMeanOp, ReduceMaxOp, ReduceBackwardOp, ReduceMaxMaskOp,
               ReduceMaxBackwardOp>();
  registry.onnx<ReduceSumOp>(writeOnnx<ReduceSumOp, kSum>);
  registry.onnx<ReduceMeanOp>(writeOnnx<ReduceMeanOp, kMean>);
  registry.onnx<ReduceMaxOp>(writeOnnx<ReduceMaxOp, kMax>);
  registry.alsoCalled("nn.reduce_sum", {"sum"});
  registry.alsoCalled("nn.reduce_max", {"amax"});
  registry.sample("nn.reduce_sum", sample<ReduceSumOp>);
  registry.sample("nn.reduce_mean", sample<ReduceMeanOp>);
  registry.sample("nn.reduce_max", sample<ReduceMaxOp>);
}
