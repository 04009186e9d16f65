// The activations: for each the emitted formula and, beside it, the naive
// reference that it must match; then both for the adjoint. Kinks, NaNs and
// infinities behave as in PyTorch.
#pragma once
#include "Activation.h"
#include "nn/interfaces/Number.h"
#include <cmath>

namespace gradmill::nn {

inline double asDouble(const llvm::APFloat &v) { return v.convertToDouble(); }

/// 1/(1 + exp(-x)): an exponential that overflows gives 0, as it should.
inline Number sigmoid(Number x) { return 1.0 / (1.0 + exp(0.0 - x)); }
inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

//===-- relu --------------------------------------------------------------===//

// A NaN stays a NaN, in both directions. One max instruction on x86.
inline Number formula(ReluOp, Number x) {
  Number zero = x.like(0);
  return select(x < zero, zero, x);
}
inline double reference(ReluOp, double x) { return x < 0 ? 0 : x; }
inline Number formula(ReluBackwardOp, Number dy, Number y) {
  Number zero = dy.like(0);
  return select(y <= zero, zero, dy);
}
inline double reference(ReluBackwardOp, double dy, double y) {
  return y <= 0 ? 0 : dy;
}

//===-- relu6 -------------------------------------------------------------===//

inline Number relu6(Number x) {
  Number positive = select(x < 0, 0, x);
  return select(positive > 6, 6, positive);
}
inline double relu6(double x) { return x < 0 ? 0 : x > 6 ? 6 : x; }

inline Number formula(Relu6Op, Number x) { return relu6(x); }
inline double reference(Relu6Op, double x) { return relu6(x); }
inline Number formula(Relu6BackwardOp, Number dy, Number y) {
  return select(y > 0, select(y < 6, dy, 0), 0);
}
inline double reference(Relu6BackwardOp, double dy, double y) {
  return y > 0 && y < 6 ? dy : 0;
}

//===-- leaky_relu --------------------------------------------------------===//

// The adjoint reads the output, which is positive where x is, or, with a
// negative slope, the input.
inline Number formula(LeakyReluOp op, Number x) {
  return select(x > 0, x, x * asDouble(op.getNegativeSlope()));
}
inline double reference(LeakyReluOp op, double x) {
  return x > 0 ? x : x * asDouble(op.getNegativeSlope());
}
inline Number formula(LeakyReluBackwardOp op, Number dy, Number saved) {
  return select(saved > 0, dy, dy * asDouble(op.getNegativeSlope()));
}
inline double reference(LeakyReluBackwardOp op, double dy, double saved) {
  return saved > 0 ? dy : dy * asDouble(op.getNegativeSlope());
}

//===-- elu ---------------------------------------------------------------===//

// The adjoint reads the output y, with alpha*exp(x) = y + alpha, or, with a
// negative alpha, the input.
inline Number formula(EluOp op, Number x) {
  return select(x < 0, expm1(x) * asDouble(op.getAlpha()), x);
}
inline double reference(EluOp op, double x) {
  return x < 0 ? std::expm1(x) * asDouble(op.getAlpha()) : x;
}
inline Number formula(EluBackwardOp op, Number dy, Number saved) {
  double alpha = asDouble(op.getAlpha());
  Number slope = alpha < 0 ? exp(saved) * alpha : saved + alpha;
  return select(saved > 0, dy, dy * slope);
}
inline double reference(EluBackwardOp op, double dy, double saved) {
  double alpha = asDouble(op.getAlpha());
  double slope = alpha < 0 ? alpha * std::exp(saved) : saved + alpha;
  return saved > 0 ? dy : dy * slope;
}

//===-- sigmoid, tanh -----------------------------------------------------===//

inline Number formula(SigmoidOp, Number x) { return sigmoid(x); }
inline double reference(SigmoidOp, double x) { return sigmoid(x); }
inline Number formula(SigmoidBackwardOp, Number dy, Number y) {
  return dy * (1.0 - y) * y;
}
inline double reference(SigmoidBackwardOp, double dy, double y) {
  return dy * (1 - y) * y;
}

inline Number formula(TanhOp, Number x) { return tanh(x); }
inline double reference(TanhOp, double x) { return std::tanh(x); }
inline Number formula(TanhBackwardOp, Number dy, Number y) {
  return dy * (1.0 - y * y);
}
inline double reference(TanhBackwardOp, double dy, double y) {
  return dy * (1 - y * y);
}

//===-- silu --------------------------------------------------------------===//

inline Number formula(SiluOp, Number x) { return x / (1.0 + exp(0.0 - x)); }
inline double reference(SiluOp, double x) { return x / (1 + std::exp(-x)); }
inline Number formula(SiluBackwardOp, Number dy, Number x) {
  Number s = sigmoid(x);
  return dy * (s * (1.0 + x * (1.0 - s)));
}
inline double reference(SiluBackwardOp, double dy, double x) {
  double s = sigmoid(x);
  return dy * s * (1 + x * (1 - s));
}

//===-- hardsigmoid, hardswish --------------------------------------------===//

inline Number formula(HardsigmoidOp, Number x) { return relu6(x + 3) / 6; }
inline double reference(HardsigmoidOp, double x) { return relu6(x + 3) / 6; }
inline Number formula(HardsigmoidBackwardOp, Number dy, Number y) {
  return select(y > 0, select(y < 1, dy * (1.0 / 6), 0), 0);
}
inline double reference(HardsigmoidBackwardOp, double dy, double y) {
  return y > 0 && y < 1 ? dy / 6 : 0;
}

inline Number formula(HardswishOp, Number x) { return x * relu6(x + 3) / 6; }
inline double reference(HardswishOp, double x) { return x * relu6(x + 3) / 6; }
inline Number formula(HardswishBackwardOp, Number dy, Number x) {
  Number above = select(x >= 3, dy, dy * (x / 3 + 0.5));
  return select(x <= -3, 0, above);
}
inline double reference(HardswishBackwardOp, double dy, double x) {
  return x <= -3 ? 0 : x >= 3 ? dy : dy * (x / 3 + 0.5);
}

//===-- gelu --------------------------------------------------------------===//

// (1 + tanh(u))/2 is sigmoid(2u). That takes one exponential and loses no
// digits where tanh is close to -1.
inline constexpr double kSqrtHalf = 0.70710678118654752440;    // sqrt(1/2)
inline constexpr double kSqrt2OverPi = 0.79788456080286535588; // sqrt(2/pi)
inline constexpr double kCubic = 0.044715;

inline Number formula(GeluOp op, Number x) {
  if (op.getApproximate() == "none")
    return x * 0.5 * (1.0 + erf(x * kSqrtHalf));
  return x * sigmoid((x + x * x * x * kCubic) * (2 * kSqrt2OverPi));
}
inline double reference(GeluOp op, double x) {
  if (op.getApproximate() == "none")
    return x / 2 * (1 + std::erf(x * kSqrtHalf));
  return x / 2 * (1 + std::tanh(kSqrt2OverPi * (x + kCubic * x * x * x)));
}
// The derivative of the distribution is the density, exp(-x^2/2)/sqrt(2*pi).
inline Number formula(GeluBackwardOp op, Number dy, Number x) {
  if (op.getApproximate() == "none") {
    Number below = 0.5 * (1.0 + erf(x * kSqrtHalf));
    Number density = exp(x * x * -0.5) * (kSqrt2OverPi / 2);
    return dy * (below + x * density);
  }
  Number square = x * x;
  Number s = sigmoid((x + square * x * kCubic) * (2 * kSqrt2OverPi));
  Number slope = (1.0 + square * (3 * kCubic)) * (2 * kSqrt2OverPi);
  return dy * (s + x * s * (1.0 - s) * slope);
}
inline double reference(GeluBackwardOp op, double dy, double x) {
  if (op.getApproximate() == "none")
    return dy * ((1 + std::erf(x * kSqrtHalf)) / 2 +
                 x * std::exp(-x * x / 2) * kSqrt2OverPi / 2);
  double t = std::tanh(kSqrt2OverPi * (x + kCubic * x * x * x));
  return dy * ((1 + t) / 2 +
               x / 2 * (1 - t * t) * kSqrt2OverPi * (1 + 3 * kCubic * x * x));
}

//===-- softplus ----------------------------------------------------------===//

inline Number formula(SoftplusOp op, Number x) {
  double beta = asDouble(op.getBeta());
  Number scaled = x * beta;
  return select(scaled > asDouble(op.getThreshold()), x,
                log1p(exp(scaled)) / beta);
}
inline double reference(SoftplusOp op, double x) {
  double beta = asDouble(op.getBeta());
  return x * beta > asDouble(op.getThreshold())
             ? x
             : std::log1p(std::exp(x * beta)) / beta;
}
inline Number formula(SoftplusBackwardOp op, Number dy, Number x) {
  Number scaled = x * asDouble(op.getBeta());
  return select(scaled > asDouble(op.getThreshold()), dy, dy * sigmoid(scaled));
}
inline double reference(SoftplusBackwardOp op, double dy, double x) {
  double scaled = x * asDouble(op.getBeta());
  return scaled > asDouble(op.getThreshold()) ? dy : dy * sigmoid(scaled);
}

//===-- mish --------------------------------------------------------------===//

// With e = exp(x), tanh(log(1 + e)) = (e^2 + 2e)/(e^2 + 2e + 2); 1 where this
// overflows or rounds to 1.
inline Number tanhSoftplus(Number x) {
  Number e = exp(x), w = e * (e + 2);
  return select(x > 20, 1, w / (w + 2));
}
inline double tanhSoftplus(double x) {
  return std::tanh(std::log1p(std::exp(x)));
}
inline Number formula(MishOp, Number x) { return x * tanhSoftplus(x); }
inline double reference(MishOp, double x) { return x * tanhSoftplus(x); }
inline Number formula(MishBackwardOp, Number dy, Number x) {
  Number t = tanhSoftplus(x);
  return dy * (t + x * sigmoid(x) * (1.0 - t * t));
}
inline double reference(MishBackwardOp, double dy, double x) {
  double t = tanhSoftplus(x);
  return dy * (t + x * sigmoid(x) * (1 - t * t));
}

} // namespace gradmill::nn
