#include "Swish.h"
#include "nn/Advice.h"
#include "nn/Onnx.h"
#include "nn/Registry.h"

// A rule for `gradmill advise`, by kinds of layers: it holds for ReLU, too, and
// for activations of other plugins.
static void swishWithoutNorm(gradmill::nn::Advisor &a) {
  using namespace gradmill::nn;
  for (mlir::Operation *op : a.layers()) {
    auto data = Advisor::dataOf(op);
    if (!hasKind(Advisor::kindOf(op), LayerKind::Activation) || data.empty())
      continue;
    mlir::Operation *layer = data[0].getDefiningOp();
    if (layer && Advisor::isMixing(layer))
      a.report(op,
               Advisor::nameOf(op) + " takes what " + Advisor::nameOf(layer) +
                   " gives, whose " + std::to_string(Advisor::parametersOf(layer)) +
                   " weights decide how large it is",
               "a batch_norm between the two");
  }
}

// ONNX has no operator for it, but for its parts.
static mlir::LogicalResult writeSwish(gradmill::nn::SwishOp op,
                                      gradmill::nn::OnnxWriter &w) {
  gradmill::nn::OnnxValue x = w.value(op.getInput()), scaled = x;
  if (double beta = op.getBeta().convertToDouble(); beta != 1)
    scaled = w.node("Mul", {x, w.scalar(op.getInput(), beta)});
  return w.give(op, w.node("Mul", {x, w.node("Sigmoid", {scaled})}));
}

GRADMILL_PLUGIN(swish) {
  using namespace gradmill::nn;
  registry.ops<SwishOp, SwishBackwardOp>();
  registry.onnx<SwishOp>(writeSwish);
  registry.adviseRule({"swish_without_norm",
                       "an activation bends what is near 0; a norm brings it there",
                       swishWithoutNorm});
}
