#include "Dropout.h"
#include "nn/Onnx.h"
#include "nn/Registry.h"
#include "nn/Sampler.h"

// A model is written for inference, where nothing is dropped.
static mlir::LogicalResult writeDropout(gradmill::nn::DropoutOp op,
                                        gradmill::nn::OnnxWriter &w) {
  return w.give(op, w.value(op.getInput()));
}

GRADMILL_PLUGIN(dropout) {
  using namespace gradmill::nn;
  registry.ops<DropoutOp, DropoutTrainOp, DropoutBackwardOp>();
  registry.onnx<DropoutOp>(writeDropout);
  registry.sample("nn.dropout", [](Sampler &s) {
    return s.add("nn.dropout", s.input(),
                 {s.real("p", 0.01 * s.below(100)),
                  s.flag("whole_channels", s.chance(30))});
  });
}
