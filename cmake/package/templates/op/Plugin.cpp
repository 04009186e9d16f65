// The op @name@: shape, gradient, formula, reference.
#include "nn/Formula.h"
#include "nn/Registry.h"
#define GET_OP_CLASSES
#include "@Name@.h.inc"
#define GET_OP_CLASSES
#include "@Name@.cpp.inc"

using namespace mlir;
using namespace gradmill::nn;

// Shapes: the result is like the operand.
LogicalResult @Name@Op::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                         SmallVectorImpl<Type> &types) {
  types.push_back(op.getInput().getType());
  if (double scale = op.getScale().convertToDouble(); !(scale > 0))
    return violated(loc, "@name@_c1", "scale is ", scale, ", expected a positive number");
  return success();
}
LogicalResult @Name@BackwardOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op,
                                                 SmallVectorImpl<Type> &types) {
  types.push_back(op.getCotangent().getType());
  return success();
}

LogicalResult @Name@Op::buildGradient(Gradient &g) {
  auto scale = g.builder.getF64FloatAttr(getScale().convertToDouble());
  g.set(0, @Name@BackwardOp::create(g.builder, g.loc(), g.cotangent(), getInput(), scale));
  return success();
}

// Formulas, for compiled code: scalars or vectors.
void @Name@Op::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                           SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  results.push_back(in[0] / (1 + getScale().convertToDouble() * abs(in[0])));
}
void @Name@BackwardOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                                   SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  Number dy = in[0], x = in[1], t = 1 + getScale().convertToDouble() * abs(x);
  results.push_back(dy / (t * t));
}

// References, in double precision: the truth for compiled code.
LogicalResult @Name@Op::evaluate(ArrayRef<const RefTensor *> in, MutableArrayRef<RefTensor> out) {
  double scale = getScale().convertToDouble();
  return evaluateEach(in, out, [=](double x) { return x / (1 + scale * std::abs(x)); });
}
LogicalResult @Name@BackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                         MutableArrayRef<RefTensor> out) {
  double scale = getScale().convertToDouble();
  return evaluateEach(
      in, out, [=](double dy, double x) { return dy / std::pow(1 + scale * std::abs(x), 2); });
}

GRADMILL_PLUGIN(@name@) { registry.ops<@Name@Op, @Name@BackwardOp>(); }
