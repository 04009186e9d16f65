// The formulas of the parts of an expanded batch normalization.
#include "Norm.h"
#include "nn/interfaces/Number.h"

using namespace mlir;
using namespace gradmill::nn;

static Number rstd(Number variance, double eps) {
  return 1.0 / sqrt(variance + eps);
}

void ChannelAffineOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                                  SmallVectorImpl<Value> &out) {
  Numbers x(b, loc, in);
  out.push_back(fma(x[0], x[1], x[2]));
}

void ChannelCombineOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                                   SmallVectorImpl<Value> &out) {
  Numbers x(b, loc, in);
  // Without the difference the mean would be part of the last operand, rounded.
  // Then a mean of 1e4 deviations costs a digit, one of 1e6 two.
  Number centered = x[1] - x[2];
  out.push_back(fma(x[0], x[3], fma(centered, x[4], x[5])));
}

void RstdOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                         SmallVectorImpl<Value> &out) {
  Numbers x(b, loc, in);
  out.push_back(rstd(x[0], getEps().convertToDouble()));
}

void ScaleShiftOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                               SmallVectorImpl<Value> &out) {
  Numbers x(b, loc, in);
  Number scale = x[1] * x[2];
  out.append({scale, x[3] - x[0] * scale});
}

// dx = w*rstd*(dy - sum(dy)/n - (x - mean)*rstd*sum(dy*xhat)/n), sorted by dy,
// x - mean and 1.
void BatchNormBackwardCoefficientsOp::emitElement(OpBuilder &b, Location loc,
                                                  ValueRange in,
                                                  SmallVectorImpl<Value> &out) {
  Numbers x(b, loc, in);
  Number rstd = x[0], weight = x[1], dweight = x[2], dbias = x[3];
  double n = getCount().convertToDouble();
  Number a = weight * rstd;
  Number slope = 0.0 - a * (rstd * dweight / n);
  Number offset = 0.0 - a * (dbias / n);
  out.append({a, slope, offset});
}

//===-- Statistics --------------------------------------------------------===//

// Accumulated per lane: the first element as a shift, then sums of x - shift
// and of its square, so that a large mean does not hide the variance. The parts
// are combined by their means and squared distances (Chan, Golub and LeVeque,
// 1979).
unsigned BatchStatsOp::getNumAccumulators() { return 3; }

void BatchStatsOp::emitAccumulate(OpBuilder &b, Location loc,
                                  ValueRange operands, Value isFirst,
                                  MutableArrayRef<Value> acc) {
  Emitter e(b, loc);
  Number x(e, operands[0]), sum(e, acc[1]), squares(e, acc[2]);
  Number shift(e, arith::SelectOp::create(b, loc, isFirst, x, acc[0]));
  Number d = x - shift;
  acc[0] = shift;
  acc[1] = sum + d;
  acc[2] = fma(d, d, squares);
}

void BatchStatsOp::emitFinalize(ReductionFinalizer &r) {
  double n = r.elementCount();
  auto part = [&](ValueRange acc, unsigned i) { return Number(r, acc[i]); };
  Number mean(r, r.sum(
                     [&](ValueRange acc, Value count) -> Value {
                       return fma(part(acc, 0), Number(r, count), part(acc, 1));
                     },
                     3));
  mean = mean / n;
  Number squares(
      r, r.sum(
             [&](ValueRange acc, Value elements) -> Value {
               Number count(r, elements), sum = part(acc, 1);
               Number partMean = part(acc, 0) + sum / count;
               Number d = partMean - Number(r, r.splat(mean, count.type()));
               Number within = part(acc, 2) - sum * sum / count;
               return fma(d * d, count, within);
             },
             3));
  Number variance = squares / n, unbiased = squares / std::max(n - 1, 1.0);
  double momentum = getMomentum().convertToDouble();
  auto blend = [&](Value running, Number batch) {
    return Number(r, running) * (1 - momentum) + batch * momentum;
  };
  r.setResult(0, mean);
  r.setResult(1, rstd(variance, getEps().convertToDouble()));
  r.setResult(2, blend(r.operand(1), mean));
  r.setResult(3, blend(r.operand(2), unbiased));
}

unsigned BatchNormBackwardSumsOp::getNumAccumulators() { return 2; }

void BatchNormBackwardSumsOp::emitAccumulate(OpBuilder &b, Location loc,
                                             ValueRange in, Value,
                                             MutableArrayRef<Value> acc) {
  Emitter e(b, loc);
  Number dy(e, in[0]), x(e, in[1]), mean(e, in[2]);
  // sum(dy * (x - mean)); rstd is a factor of the whole sum.
  acc[0] = fma(dy, x - mean, Number(e, acc[0]));
  acc[1] = Number(e, acc[1]) + dy;
}

void BatchNormBackwardSumsOp::emitFinalize(ReductionFinalizer &r) {
  Number centered(r, r.sum([](ValueRange acc, Value) { return acc[0]; }, 2));
  r.setResult(0, centered * Number(r, r.operand(3)));
  r.setResult(1, r.sum([](ValueRange acc, Value) { return acc[1]; }, 2));
}
