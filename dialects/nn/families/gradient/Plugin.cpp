#include "GradientTransforms.h"
#include "mlir/IR/TypeUtilities.h"
#include "nn/Registry.h"

using namespace gradmill;
using namespace gradmill::nn;
using namespace mlir;

// An op of another family, by its name: nn.mul, nn.clamp. It belongs to the
// first operand's layer.
static Value build(TransformContext &t, StringRef op, ValueRange operands,
                   ArrayRef<NamedAttribute> attributes = {}) {
  OperationState state(operands.front().getLoc(), op, operands,
                       operands.front().getType(), attributes);
  return t.builder.create(state)->getResult(0);
}

static LogicalResult clipNorm(TransformContext &t,
                              MutableArrayRef<Value> gradients) {
  Type element = getElementTypeOrSelf(gradients.front());
  for (Value gradient : gradients)
    if (Type other = getElementTypeOrSelf(gradient); other != element)
      return violated(t.loc, "clip_factor_c1", "gradients are of ", element,
                      " and of ", other, ", which have no common norm");
  Value factor =
      ClipFactorOp::create(t.builder, t.loc, gradients, t.option("max"));
  for (Value &gradient : gradients)
    gradient = build(t, "nn.mul", {gradient, factor});
  return success();
}

static LogicalResult clipValue(TransformContext &t,
                               MutableArrayRef<Value> gradients) {
  double max = t.options.number("max");
  auto bound = [&](StringRef name, double value) {
    return t.builder.getNamedAttr(name, t.builder.getF64FloatAttr(value));
  };
  for (Value &gradient : gradients)
    gradient = build(t, "nn.clamp", gradient,
                     {bound("min", -max), bound("max", max)});
  return success();
}

GRADMILL_PLUGIN(gradient) {
  registry.ops<ClipFactorOp>();
  // As far as f32 can tell them from 0 and from infinity.
  constexpr double kLeast = 1e-30, kMost = 1e30;
  registry.transform({"clip_norm",
                      "scales all gradients so that their common norm is at "
                      "most max",
                      {{"max", 1, kLeast, kMost, "norm"}},
                      clipNorm});
  registry.transform({"clip_value",
                      "clips each element of a gradient to -max .. max",
                      {{"max", 1, kLeast, kMost, "magnitude"}},
                      clipValue});
}
