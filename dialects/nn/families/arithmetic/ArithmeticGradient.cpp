// Adjoints, written in the family's own ops. Cotangents of repeated operands
// are summed (sumLike).
#include "Arithmetic.h"

using namespace mlir;
using namespace gradmill::nn;

namespace {

// A cotangent of operand `i`, before the sum over repeated dimensions.
template <typename Build> void give(Gradient &g, Operation *op, unsigned i, Build build) {
  if (g.needs(i))
    g.set(i, sumLike(g.builder, g.loc(), build(), op->getOperand(i)));
}

Value scaled(Gradient &g, Value x, double factor) {
  return WeightedSumOp::create(g.builder, g.loc(), ValueRange{x},
                               ArrayRef<double>{factor});
}

Value number(Gradient &g, Value like, double value) {
  Type element = cast<RankedTensorType>(like.getType()).getElementType();
  auto type = RankedTensorType::get({}, element);
  return ConstantOp::create(
      g.builder, g.loc(),
      DenseElementsAttr::get(type, Attribute(g.builder.getFloatAttr(element, value))));
}

Value mul(Gradient &g, Value x, Value y) {
  return MulOp::create(g.builder, g.loc(), x, y);
}
Value div(Gradient &g, Value x, Value y) {
  return DivOp::create(g.builder, g.loc(), x, y);
}

// The adjoint of minimum and maximum: all of the cotangent where `wins` holds,
// half where both are equal.
LogicalResult extremeGradient(Gradient &g, Operation *op, StringRef wins) {
  for (unsigned i : {0, 1})
    give(g, op, i, [&] {
      Value own = op->getOperand(i), other = op->getOperand(1 - i);
      Value taken = CompareOp::create(g.builder, g.loc(), own, other, wins);
      Value tied = CompareOp::create(g.builder, g.loc(), own, other, "eq");
      Value share = WeightedSumOp::create(g.builder, g.loc(),
                                          ValueRange{taken, tied},
                                          ArrayRef<double>{1, 0.5});
      return mul(g, g.cotangent(), share);
    });
  return success();
}

} // namespace

LogicalResult SubOp::buildGradient(Gradient &g) {
  give(g, *this, 0, [&] { return g.cotangent(); });
  give(g, *this, 1, [&] { return scaled(g, g.cotangent(), -1); });
  return success();
}

LogicalResult MulOp::buildGradient(Gradient &g) {
  give(g, *this, 0, [&] { return mul(g, g.cotangent(), getRhs()); });
  give(g, *this, 1, [&] { return mul(g, g.cotangent(), getLhs()); });
  return success();
}

LogicalResult DivOp::buildGradient(Gradient &g) {
  Value quotient = div(g, g.cotangent(), getRhs()); // dead if nothing needs it
  give(g, *this, 0, [&] { return quotient; });
  give(g, *this, 1, [&] { return scaled(g, mul(g, quotient, getOutput()), -1); });
  return success();
}

LogicalResult MinimumOp::buildGradient(Gradient &g) {
  return extremeGradient(g, *this, "lt");
}
LogicalResult MaximumOp::buildGradient(Gradient &g) {
  return extremeGradient(g, *this, "gt");
}

LogicalResult PowOp::buildGradient(Gradient &g) {
  give(g, *this, 0, [&]() -> Value {
    return PowBackwardBaseOp::create(g.builder, g.loc(), g.cotangent(),
                                     getLhs(), getRhs());
  });
  give(g, *this, 1, [&]() -> Value {
    return PowBackwardExponentOp::create(g.builder, g.loc(), g.cotangent(),
                                         getLhs(), getRhs());
  });
  return success();
}

// Flat almost everywhere.
LogicalResult CompareOp::buildGradient(Gradient &g) {
  g.setNone(0);
  g.setNone(1);
  return success();
}
LogicalResult SignOp::buildGradient(Gradient &g) {
  g.setNone(0);
  return success();
}

LogicalResult WhereOp::buildGradient(Gradient &g) {
  g.setNone(0);
  Value zero = number(g, g.cotangent(), 0);
  auto where = [&](Value x, Value y) -> Value {
    return WhereOp::create(g.builder, g.loc(), getCondition(), x, y);
  };
  give(g, *this, 1, [&] { return where(g.cotangent(), zero); });
  give(g, *this, 2, [&] { return where(zero, g.cotangent()); });
  return success();
}

LogicalResult NegOp::buildGradient(Gradient &g) {
  g.set(0, scaled(g, g.cotangent(), -1));
  return success();
}

LogicalResult AbsOp::buildGradient(Gradient &g) {
  g.set(0, mul(g, g.cotangent(), SignOp::create(g.builder, g.loc(), getInput())));
  return success();
}

LogicalResult ExpOp::buildGradient(Gradient &g) {
  g.set(0, mul(g, g.cotangent(), getOutput()));
  return success();
}

LogicalResult LogOp::buildGradient(Gradient &g) {
  g.set(0, div(g, g.cotangent(), getInput()));
  return success();
}

LogicalResult SqrtOp::buildGradient(Gradient &g) {
  g.set(0, scaled(g, div(g, g.cotangent(), getOutput()), 0.5));
  return success();
}

// 2 / sqrt(pi) * exp(-x^2)
LogicalResult ErfOp::buildGradient(Gradient &g) {
  Value square = mul(g, getInput(), getInput());
  Value bell = ExpOp::create(g.builder, g.loc(), scaled(g, square, -1));
  g.set(0, scaled(g, mul(g, g.cotangent(), bell), 1.1283791670955126));
  return success();
}

LogicalResult ClampOp::buildGradient(Gradient &g) {
  g.set(0, ClampBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                   getInput(), getMinAttr(), getMaxAttr()));
  return success();
}
