// Errors of a prediction p and its target t, per element, with their adjoints.
//   squared_error    d^2               2*d           d = p - t
//   absolute_error   |d|               sign(d)
//   huber            a*(|d| - a/2)     d in [-delta, delta]    a = min(|d|,
//   delta) bce_with_logits  max(x, 0) - x*t + log1p(exp(-|x|))    s - t    s =
//   sigmoid(x)
// The first three are even in d: exchanging prediction and target gives the
// target's cotangent.
//
// With weight p on the positive class, and log(1 + exp(-x)) as softplus(-x) =
// max(-x, 0) + log1p(exp(-|x|)):
//   (1 - t)*x + (1 + (p - 1)*t) * softplus(-x)
//   by x: (1 - t)*s - p*t*(1 - s)    by t: (p - 1)*softplus(-x) - x
#include "Loss.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

//===-- Shapes ------------------------------------------------------------===//

template <typename Adaptor>
static LogicalResult inferError(std::optional<Location> loc, Adaptor adaptor,
                                SmallVectorImpl<Type> &types) {
  Type type = adaptor.getPrediction().getType();
  if (adaptor.getTarget().getType() != type)
    return violated(loc, "error_c1", "the prediction is ", type,
                    ", the target ", adaptor.getTarget().getType(),
                    ", expected one type");
  types.push_back(type);
  return success();
}

static LogicalResult checkDelta(std::optional<Location> loc, double delta) {
  if (std::isfinite(delta) && delta > 0)
    return success();
  return violated(loc, "huber_c1", "delta is ", delta,
                  ", expected a positive number");
}

// Of the op and its adjoints.
template <typename Adaptor>
static LogicalResult inferBce(std::optional<Location> loc, Adaptor adaptor,
                              SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getLogits().getType());
  if (adaptor.getTargets().getType() != type)
    return violated(loc, "bce_with_logits_c1", "logits are ", type,
                    ", targets ", adaptor.getTargets().getType(),
                    ", expected one type");
  if (Value weight = adaptor.getPosWeight()) {
    auto own = cast<RankedTensorType>(weight.getType());
    bool perChannel = own.getRank() == 1 && type.getRank() > 1 &&
                      own.getDimSize(0) == type.getDimSize(1);
    if ((own.getRank() != 0 && !perChannel) ||
        own.getElementType() != type.getElementType())
      return violated(loc, "bce_with_logits_c2", "pos_weight is ", own,
                      ", expected one number, or one per channel, of ",
                      type.getElementType());
  }
  types.push_back(type);
  return success();
}

#define INFER(OP, ...)                                                         \
  LogicalResult OP::inferReturnTypes(                                          \
      MLIRContext *, std::optional<Location> loc, Adaptor adaptor,             \
      SmallVectorImpl<Type> &types) {                                          \
    __VA_ARGS__                                                                \
  }
INFER(SquaredErrorOp, return inferError(loc, adaptor, types);)
INFER(SquaredErrorBackwardOp, return inferError(loc, adaptor, types);)
INFER(AbsoluteErrorOp, return inferError(loc, adaptor, types);)
INFER(AbsoluteErrorBackwardOp, return inferError(loc, adaptor, types);)
INFER(HuberOp, if (failed(inferError(loc, adaptor, types))) return failure();
      return checkDelta(loc, adaptor.getDelta().convertToDouble());)
INFER(HuberBackwardOp,
      if (failed(inferError(loc, adaptor, types))) return failure();
      return checkDelta(loc, adaptor.getDelta().convertToDouble());)
INFER(BceWithLogitsOp, return inferBce(loc, adaptor, types);)
INFER(BceWithLogitsBackwardOp, return inferBce(loc, adaptor, types);)
INFER(BceWithLogitsBackwardTargetsOp, return inferBce(loc, adaptor, types);)
#undef INFER

//===-- Gradients ---------------------------------------------------------===//

template <typename BackwardOp, typename Op, typename... Attributes>
static LogicalResult evenGradient(Op op, Gradient &g,
                                  Attributes... attributes) {
  if (g.needs(0))
    g.set(0, BackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                op.getPrediction(), op.getTarget(),
                                attributes...));
  if (g.needs(1))
    g.set(1,
          BackwardOp::create(g.builder, g.loc(), g.cotangent(), op.getTarget(),
                             op.getPrediction(), attributes...));
  return success();
}

LogicalResult SquaredErrorOp::buildGradient(Gradient &g) {
  return evenGradient<SquaredErrorBackwardOp>(*this, g);
}
LogicalResult AbsoluteErrorOp::buildGradient(Gradient &g) {
  return evenGradient<AbsoluteErrorBackwardOp>(*this, g);
}
LogicalResult HuberOp::buildGradient(Gradient &g) {
  return evenGradient<HuberBackwardOp>(
      *this, g, g.builder.getF64FloatAttr(getDelta().convertToDouble()));
}

LogicalResult BceWithLogitsOp::buildGradient(Gradient &g) {
  if (getPosWeight() && g.needs(2))
    return emitError("pos_weight has no gradient; use an nn.constant, or an "
                     "nn.parameter with the role \"buffer\"");
  if (g.needs(0))
    g.set(0, BceWithLogitsBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                             getLogits(), getTargets(),
                                             getPosWeight()));
  if (g.needs(1))
    g.set(1, BceWithLogitsBackwardTargetsOp::create(
                 g.builder, g.loc(), g.cotangent(), getLogits(), getTargets(),
                 getPosWeight()));
  return success();
}

//===-- Formulas ----------------------------------------------------------===//

namespace {
/// Arithmetic on scalars or vectors of one type.
struct Formula {
  OpBuilder &b;
  Location loc;
  Type type;

  Value constant(double v) { return Emitter(b, loc).constant(type, v); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value negate(Value x) { return arith::NegFOp::create(b, loc, x); }
  Value abs(Value x) { return math::AbsFOp::create(b, loc, x); }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, loc, condition, x, y);
  }
  Value greater(Value x, Value y) {
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, x, y);
  }
  /// A NaN stays a NaN: it is no more than any limit.
  Value atMost(Value x, Value limit) {
    return select(greater(x, limit), limit, x);
  }
  Value positivePart(Value x) {
    return select(greater(constant(0), x), constant(0), x);
  }
};

/// What the binary cross entropy is made of. No exponential exceeds 1.
struct Logistic {
  Formula f;
  Value x, e; // exp(-|x|)

  Logistic(OpBuilder &b, Location loc, Value x) : f{b, loc, x.getType()}, x(x) {
    e = math::ExpOp::create(b, loc, f.negate(f.abs(x)));
  }
  Value log1pe() { return math::Log1pOp::create(f.b, f.loc, e); }
  /// log(1 + exp(-x))
  Value softplusOfMinus() {
    return f.add(f.positivePart(f.negate(x)), log1pe());
  }
  /// sigmoid(x) and 1 - sigmoid(x), with one division.
  std::pair<Value, Value> sigmoids() {
    Value one = f.constant(1);
    Value large = arith::DivFOp::create(f.b, f.loc, one, f.add(one, e));
    Value small = f.mul(e, large), negative = f.greater(f.constant(0), x);
    return {f.select(negative, small, large), f.select(negative, large, small)};
  }
};
} // namespace

void SquaredErrorOp::emitElement(OpBuilder &b, Location loc,
                                 ValueRange operands,
                                 SmallVectorImpl<Value> &results) {
  Formula f{b, loc, operands[0].getType()};
  Value d = f.sub(operands[0], operands[1]);
  results.push_back(f.mul(d, d));
}

void SquaredErrorBackwardOp::emitElement(OpBuilder &b, Location loc,
                                         ValueRange operands,
                                         SmallVectorImpl<Value> &results) {
  Formula f{b, loc, operands[0].getType()};
  Value d = f.sub(operands[1], operands[2]);
  results.push_back(f.mul(operands[0], f.add(d, d)));
}

void AbsoluteErrorOp::emitElement(OpBuilder &b, Location loc,
                                  ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Formula f{b, loc, operands[0].getType()};
  results.push_back(f.abs(f.sub(operands[0], operands[1])));
}

void AbsoluteErrorBackwardOp::emitElement(OpBuilder &b, Location loc,
                                          ValueRange operands,
                                          SmallVectorImpl<Value> &results) {
  Formula f{b, loc, operands[0].getType()};
  Value dy = operands[0], p = operands[1], t = operands[2];
  results.push_back(
      f.select(f.greater(p, t), dy,
               f.select(f.greater(t, p), f.negate(dy), f.constant(0))));
}

void HuberOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                          SmallVectorImpl<Value> &results) {
  Formula f{b, loc, operands[0].getType()};
  Value size = f.abs(f.sub(operands[0], operands[1]));
  Value a = f.atMost(size, f.constant(getDelta().convertToDouble()));
  results.push_back(f.mul(a, f.sub(size, f.mul(f.constant(0.5), a))));
}

void HuberBackwardOp::emitElement(OpBuilder &b, Location loc,
                                  ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Formula f{b, loc, operands[0].getType()};
  double delta = getDelta().convertToDouble();
  Value d = f.atMost(f.sub(operands[1], operands[2]), f.constant(delta));
  Value least = f.constant(-delta);
  d = f.select(f.greater(least, d), least, d);
  results.push_back(f.mul(operands[0], d));
}

void BceWithLogitsOp::emitElement(OpBuilder &b, Location loc,
                                  ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Logistic l(b, loc, operands[0]);
  Formula &f = l.f;
  Value x = operands[0], t = operands[1];
  if (operands.size() == 2) {
    Value linear = f.sub(f.positivePart(x), f.mul(x, t));
    results.push_back(f.add(linear, l.log1pe()));
    return;
  }
  Value one = f.constant(1);
  Value weight = f.add(one, f.mul(f.sub(operands[2], one), t));
  results.push_back(
      f.add(f.mul(f.sub(one, t), x), f.mul(weight, l.softplusOfMinus())));
}

void BceWithLogitsBackwardOp::emitElement(OpBuilder &b, Location loc,
                                          ValueRange operands,
                                          SmallVectorImpl<Value> &results) {
  Value dy = operands[0], t = operands[2];
  Logistic l(b, loc, operands[1]);
  Formula &f = l.f;
  auto [s, rest] = l.sigmoids();
  Value slope = operands.size() == 3
                    ? f.sub(s, t)
                    : f.sub(f.mul(f.sub(f.constant(1), t), s),
                            f.mul(f.mul(operands[3], t), rest));
  results.push_back(f.mul(dy, slope));
}

void BceWithLogitsBackwardTargetsOp::emitElement(
    OpBuilder &b, Location loc, ValueRange operands,
    SmallVectorImpl<Value> &results) {
  Value dy = operands[0], x = operands[1];
  Formula f{b, loc, x.getType()};
  Value slope = f.negate(x);
  if (operands.size() == 4) {
    Value softplus = Logistic(b, loc, x).softplusOfMinus();
    slope = f.sub(f.mul(f.sub(operands[3], f.constant(1)), softplus), x);
  }
  results.push_back(f.mul(dy, slope));
}

//===-- References --------------------------------------------------------===//

static LogicalResult forEach(MutableArrayRef<RefTensor> out,
                             llvm::function_ref<double(size_t)> formula) {
  for (size_t i = 0; i < out[0].data.size(); ++i)
    out[0].data[i] = formula(i);
  return success();
}

LogicalResult SquaredErrorOp::evaluate(ArrayRef<const RefTensor *> in,
                                       MutableArrayRef<RefTensor> out) {
  return forEach(out, [&](size_t i) {
    double d = in[0]->data[i] - in[1]->data[i];
    return d * d;
  });
}

LogicalResult SquaredErrorBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                               MutableArrayRef<RefTensor> out) {
  return forEach(out, [&](size_t i) {
    return 2 * in[0]->data[i] * (in[1]->data[i] - in[2]->data[i]);
  });
}

LogicalResult AbsoluteErrorOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  return forEach(out, [&](size_t i) {
    return std::fabs(in[0]->data[i] - in[1]->data[i]);
  });
}

LogicalResult
AbsoluteErrorBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  return forEach(out, [&](size_t i) {
    double p = in[1]->data[i], t = in[2]->data[i];
    return in[0]->data[i] * ((p > t) - (p < t));
  });
}

LogicalResult HuberOp::evaluate(ArrayRef<const RefTensor *> in,
                                MutableArrayRef<RefTensor> out) {
  double delta = getDelta().convertToDouble();
  return forEach(out, [&](size_t i) {
    double size = std::fabs(in[0]->data[i] - in[1]->data[i]);
    return size > delta ? delta * (size - delta / 2) : size * size / 2;
  });
}

LogicalResult HuberBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  double delta = getDelta().convertToDouble();
  return forEach(out, [&](size_t i) {
    double d = in[1]->data[i] - in[2]->data[i];
    return in[0]->data[i] * (d > delta ? delta : d < -delta ? -delta : d);
  });
}

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
// log(1 + exp(x)), where exp(x) is no number of a double, too.
static double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}

// One number, or one per channel of `like`; 1 without.
static double weightAt(ArrayRef<const RefTensor *> in, unsigned operand,
                       const RefTensor &like, size_t i) {
  if (in.size() <= operand)
    return 1;
  const RefTensor &weight = *in[operand];
  if (weight.shape.empty())
    return weight.data[0];
  size_t space = like.data.size() / (like.dim(0) * like.dim(1));
  return weight.data[i / space % like.dim(1)];
}

LogicalResult BceWithLogitsOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  return forEach(out, [&](size_t i) {
    double x = in[0]->data[i], t = in[1]->data[i];
    return weightAt(in, 2, out[0], i) * t * softplus(-x) + (1 - t) * softplus(x);
  });
}

LogicalResult
BceWithLogitsBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  return forEach(out, [&](size_t i) {
    double x = in[1]->data[i], t = in[2]->data[i];
    return in[0]->data[i] * ((1 - t) * sigmoid(x) -
                             weightAt(in, 3, out[0], i) * t * sigmoid(-x));
  });
}

LogicalResult
BceWithLogitsBackwardTargetsOp::evaluate(ArrayRef<const RefTensor *> in,
                                         MutableArrayRef<RefTensor> out) {
  return forEach(out, [&](size_t i) {
    double x = in[1]->data[i];
    return in[0]->data[i] *
           (weightAt(in, 3, out[0], i) * softplus(-x) - softplus(x));
  });
}
