// The forms in ONNX. What ONNX has no operator for is its formula.
#include "ActivationOnnx.h"
#include "Activation.h"
#include "nn/Onnx.h"

using namespace mlir;

namespace gradmill::nn {
namespace {

LogicalResult writeRelu6(Relu6Op op, OnnxWriter &w) {
  Value x = op.getInput();
  return w.give(op, w.node("Clip", {w.value(x), w.scalar(x, 0), w.scalar(x, 6)}));
}

LogicalResult writeLeakyRelu(LeakyReluOp op, OnnxWriter &w) {
  return w.give(op, w.node("LeakyRelu", w.operands(op),
                           {{"alpha", op.getNegativeSlope().convertToDouble()}}));
}

LogicalResult writeElu(EluOp op, OnnxWriter &w) {
  return w.give(op, w.node("Elu", w.operands(op),
                           {{"alpha", op.getAlpha().convertToDouble()}}));
}

LogicalResult writeSilu(SiluOp op, OnnxWriter &w) {
  OnnxValue x = w.value(op.getInput());
  return w.give(op, w.node("Mul", {x, w.node("Sigmoid", {x})}));
}

LogicalResult writeHardsigmoid(HardsigmoidOp op, OnnxWriter &w) {
  return w.give(op, w.node("HardSigmoid", w.operands(op),
                           {{"alpha", 1.0 / 6}, {"beta", 0.5}}));
}

LogicalResult writeGelu(GeluOp op, OnnxWriter &w) {
  return w.give(op, w.node("Gelu", w.operands(op),
                           {{"approximate", op.getApproximate()}}));
}

// ONNX's Softplus has neither a slope nor a threshold, beyond which x itself is
// taken. From 20 on f32 cannot tell the two apart.
LogicalResult writeSoftplus(SoftplusOp op, OnnxWriter &w) {
  Value input = op.getInput();
  OnnxValue x = w.value(input), scaled = x, beta;
  double slope = op.getBeta().convertToDouble(),
         threshold = op.getThreshold().convertToDouble();
  if (slope != 1) {
    beta = w.scalar(input, slope);
    scaled = w.node("Mul", {x, beta});
  }
  OnnxValue y = w.node("Softplus", {scaled});
  if (slope != 1)
    y = w.node("Div", {y, beta});
  if (threshold < 20) {
    OnnxValue isBeyond = w.node("Greater", {scaled, w.scalar(input, threshold)});
    y = w.node("Where", {isBeyond, x, y});
  }
  return w.give(op, y);
}

// ONNX repeats the slopes from the last dimension on: [C, 1, 1].
LogicalResult writePrelu(PreluOp op, OnnxWriter &w) {
  OnnxValue slope = w.value(op.getWeight());
  int64_t rank = typeOf(op.getInput()).getRank(),
          count = typeOf(op.getWeight()).getDimSize(0);
  if (rank > 2 && count > 1) {
    SmallVector<int64_t> shape(rank - 1, 1);
    shape[0] = count;
    slope = w.reshape(slope, shape);
  }
  return w.give(op, w.node("PRelu", {w.value(op.getInput()), slope}));
}

} // namespace

void addActivationOnnxForms(Registry &registry) {
  registry.onnx<ReluOp>("Relu");
  registry.onnx<Relu6Op>(writeRelu6);
  registry.onnx<LeakyReluOp>(writeLeakyRelu);
  registry.onnx<EluOp>(writeElu);
  registry.onnx<SigmoidOp>("Sigmoid");
  registry.onnx<TanhOp>("Tanh");
  registry.onnx<SiluOp>(writeSilu);
  registry.onnx<HardsigmoidOp>(writeHardsigmoid);
  registry.onnx<HardswishOp>("HardSwish");
  registry.onnx<GeluOp>(writeGelu);
  registry.onnx<SoftplusOp>(writeSoftplus);
  registry.onnx<MishOp>("Mish");
  registry.onnx<PreluOp>(writePrelu);
}

} // namespace gradmill::nn
