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

// g + weight * d, for a term of the loss whose derivative by a parameter is d.
static Value penalized(TransformContext &t, Value gradient, Value derivative) {
  return WeightedSumOp::create(
      t.builder, gradient.getLoc(), ValueRange{gradient, derivative},
      ArrayRef<double>{1.0, t.options.number("weight")});
}

static LogicalResult l1(TransformContext &t, MutableArrayRef<Value> gradients) {
  for (auto [parameter, gradient] : llvm::zip(t.parameters, gradients))
    gradient = penalized(t, gradient, build(t, "nn.sign", parameter));
  return success();
}

static LogicalResult l2(TransformContext &t, MutableArrayRef<Value> gradients) {
  for (auto [parameter, gradient] : llvm::zip(t.parameters, gradients))
    gradient = penalized(t, gradient, parameter);
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
  registry.transform({"l1",
                      "adds the derivative of weight * sum |p|",
                      {{"weight", 1e-5, 0, 1e6, "of the penalty"}},
                      l1});
  registry.transform({"l2",
                      "adds the derivative of weight / 2 * sum p^2",
                      {{"weight", 1e-4, 0, 1e6, "of the penalty"}},
                      l2});
}
