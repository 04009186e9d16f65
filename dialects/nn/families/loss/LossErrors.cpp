// Errors of a prediction p and its target t, per element, with their adjoints.
//
//   squared_error    d^2                                  2*d
//   absolute_error   |d|                                  sign(d)
//   huber            a*(|d| - a/2)                        d in [-delta, delta]
//   bce_with_logits  max(x, 0) - x*t + log1p(exp(-|x|))   s - t
//
// d = p - t, a = min(|d|, delta), s = sigmoid(x).
// The first three are even in d: exchanging prediction and target gives the
// target's cotangent.
//
// With weight p on the positive class, and log(1 + exp(-x)) as softplus(-x) =
// max(-x, 0) + log1p(exp(-|x|)):
//   (1 - t)*x + (1 + (p - 1)*t) * softplus(-x)
//   by x: (1 - t)*s - p*t*(1 - s)    by t: (p - 1)*softplus(-x) - x
#include "Loss.h"
#include "nn/interfaces/Number.h"
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

/// A NaN stays a NaN, because it compares as no larger than a limit.
static Number atMost(Number x, double limit) {
  return select(x > limit, limit, x);
}
static Number positivePart(Number x) { return select(0.0 > x, 0, x); }

namespace {
/// The parts of the binary cross entropy. No exponential exceeds 1.
struct Logistic {
  Number x, e; // exp(-|x|)

  explicit Logistic(Number x) : x(x), e(exp(-abs(x))) {}
  Number log1pe() { return log1p(e); }
  /// log(1 + exp(-x))
  Number softplusOfMinus() { return positivePart(-x) + log1pe(); }
  /// sigmoid(x) and 1 - sigmoid(x), with one division.
  std::pair<Number, Number> sigmoids() {
    Number large = 1.0 / (1.0 + e);
    Number small = e * large;
    Where negative = 0.0 > x;
    return {select(negative, small, large), select(negative, large, small)};
  }
};
} // namespace

void SquaredErrorOp::emitElement(OpBuilder &b, Location loc,
                                 ValueRange operands,
                                 SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  Number d = in[0] - in[1];
  results.push_back(d * d);
}

void SquaredErrorBackwardOp::emitElement(OpBuilder &b, Location loc,
                                         ValueRange operands,
                                         SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  Number dy = in[0], d = in[1] - in[2];
  results.push_back(dy * (d + d));
}

void AbsoluteErrorOp::emitElement(OpBuilder &b, Location loc,
                                  ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  results.push_back(abs(in[0] - in[1]));
}

void AbsoluteErrorBackwardOp::emitElement(OpBuilder &b, Location loc,
                                          ValueRange operands,
                                          SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  Number dy = in[0], p = in[1], t = in[2];
  results.push_back(select(p > t, dy, select(t > p, -dy, 0)));
}

void HuberOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                          SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  Number size = abs(in[0] - in[1]);
  Number a = atMost(size, getDelta().convertToDouble());
  results.push_back(a * (size - 0.5 * a));
}

void HuberBackwardOp::emitElement(OpBuilder &b, Location loc,
                                  ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  double delta = getDelta().convertToDouble();
  Number d = atMost(in[1] - in[2], delta);
  results.push_back(in[0] * select(-delta > d, -delta, d));
}

void BceWithLogitsOp::emitElement(OpBuilder &b, Location loc,
                                  ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  Number x = in[0], t = in[1];
  Logistic l(x);
  if (in.size() == 2) {
    Number linear = positivePart(x) - x * t;
    results.push_back(linear + l.log1pe());
    return;
  }
  Number weight = 1.0 + (in[2] - 1.0) * t;
  results.push_back((1.0 - t) * x + weight * l.softplusOfMinus());
}

void BceWithLogitsBackwardOp::emitElement(OpBuilder &b, Location loc,
                                          ValueRange operands,
                                          SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  Number dy = in[0], t = in[2];
  auto [s, rest] = Logistic(in[1]).sigmoids();
  Number slope = in.size() == 3 ? s - t : (1.0 - t) * s - in[3] * t * rest;
  results.push_back(dy * slope);
}

void BceWithLogitsBackwardTargetsOp::emitElement(
    OpBuilder &b, Location loc, ValueRange operands,
    SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  Number dy = in[0], x = in[1];
  Number slope = -x;
  if (in.size() == 4)
    slope = (in[3] - 1.0) * Logistic(x).softplusOfMinus() - x;
  results.push_back(dy * slope);
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
// log(1 + exp(x)), also where exp(x) overflows a double.
static double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}

// One number, or one per channel of `like`; 1 if absent.
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
