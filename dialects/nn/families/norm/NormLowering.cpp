// Formulas of the parts that batch normalization is expanded into.
#include "Norm.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace gradmill::nn;

namespace {
// Arithmetic on scalars or vectors of one type.
struct Formula {
  OpBuilder &b;
  Location loc;
  Type type;
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(b, loc, x, y, z);
  }
  Value constant(double v) { return Emitter(b, loc).constant(type, v); }
  Value rstd(Value variance, double eps) {
    return div(constant(1),
               math::SqrtOp::create(b, loc, add(variance, constant(eps))));
  }
};
} // namespace

void ChannelAffineOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                                  SmallVectorImpl<Value> &out) {
  out.push_back(Formula{b, loc, in[0].getType()}.fma(in[0], in[1], in[2]));
}

void ChannelCombineOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                                   SmallVectorImpl<Value> &out) {
  Formula f{b, loc, in[0].getType()};
  // Without the difference the mean would be in the last operand, rounded: a
  // mean of 1e4 deviations then costs a digit, one of 1e6 two.
  Value centered = f.sub(in[1], in[2]);
  out.push_back(f.fma(in[0], in[3], f.fma(centered, in[4], in[5])));
}

void RstdOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                         SmallVectorImpl<Value> &out) {
  out.push_back(
      Formula{b, loc, in[0].getType()}.rstd(in[0], getEps().convertToDouble()));
}

void ScaleShiftOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                               SmallVectorImpl<Value> &out) {
  Formula f{b, loc, in[0].getType()};
  Value scale = f.mul(in[1], in[2]);
  out.push_back(scale);
  out.push_back(f.sub(in[3], f.mul(in[0], scale)));
}

// dx = w*rstd*(dy - sum(dy)/n - (x - mean)*rstd*sum(dy*xhat)/n), sorted by dy,
// x - mean and 1.
void BatchNormBackwardCoefficientsOp::emitElement(OpBuilder &b, Location loc,
                                                  ValueRange in,
                                                  SmallVectorImpl<Value> &out) {
  Formula f{b, loc, in[0].getType()};
  Value rstd = in[0], weight = in[1], dweight = in[2], dbias = in[3];
  Value zero = f.constant(0), n = f.constant(getCount().convertToDouble());
  Value a = f.mul(weight, rstd);
  Value slope = f.sub(zero, f.mul(a, f.div(f.mul(rstd, dweight), n)));
  Value offset = f.sub(zero, f.mul(a, f.div(dbias, n)));
  out.append({a, slope, offset});
}

//===-- Statistics --------------------------------------------------------===//

// Accumulated per lane: the first element as a shift, then sums of x - shift
// and of its square, so that a large mean does not swallow the variance. The
// parts are combined by their means and squared distances (Chan, Golub and
// LeVeque, 1979).
unsigned BatchStatsOp::getNumAccumulators() { return 3; }

void BatchStatsOp::emitAccumulate(OpBuilder &b, Location loc,
                                  ValueRange operands, Value isFirst,
                                  MutableArrayRef<Value> acc) {
  Formula f{b, loc, operands[0].getType()};
  acc[0] = arith::SelectOp::create(b, loc, isFirst, operands[0], acc[0]);
  Value d = f.sub(operands[0], acc[0]);
  acc[1] = f.add(acc[1], d);
  acc[2] = f.fma(d, d, acc[2]);
}

void BatchStatsOp::emitFinalize(ReductionFinalizer &r) {
  Formula s{r.b, r.loc, r.scalarType()};
  double n = r.elementCount();
  Value mean = s.div(r.sum(
                         [&](ValueRange acc, Value count) {
                           Formula f{r.b, r.loc, count.getType()};
                           return f.fma(acc[0], count, acc[1]);
                         },
                         3),
                     s.constant(n));
  Value squares = r.sum(
      [&](ValueRange acc, Value count) {
        Formula f{r.b, r.loc, count.getType()};
        Value partMean = f.add(acc[0], f.div(acc[1], count));
        Value d = f.sub(partMean, r.splat(mean, count.getType()));
        Value within = f.sub(acc[2], f.div(f.mul(acc[1], acc[1]), count));
        return f.fma(f.mul(d, d), count, within);
      },
      3);
  Value variance = s.div(squares, s.constant(n));
  Value unbiased = s.div(squares, s.constant(std::max(n - 1, 1.0)));
  double momentum = getMomentum().convertToDouble();
  auto blend = [&](Value running, Value batch) {
    return s.add(s.mul(running, s.constant(1 - momentum)),
                 s.mul(batch, s.constant(momentum)));
  };
  r.setResult(0, mean);
  r.setResult(1, s.rstd(variance, getEps().convertToDouble()));
  r.setResult(2, blend(r.operand(1), mean));
  r.setResult(3, blend(r.operand(2), unbiased));
}

unsigned BatchNormBackwardSumsOp::getNumAccumulators() { return 2; }

void BatchNormBackwardSumsOp::emitAccumulate(OpBuilder &b, Location loc,
                                             ValueRange in, Value,
                                             MutableArrayRef<Value> acc) {
  Formula f{b, loc, in[0].getType()};
  // sum(dy * (x - mean)); rstd is a factor of the whole sum.
  acc[0] = f.fma(in[0], f.sub(in[1], in[2]), acc[0]);
  acc[1] = f.add(acc[1], in[0]);
}

void BatchNormBackwardSumsOp::emitFinalize(ReductionFinalizer &r) {
  Formula s{r.b, r.loc, r.scalarType()};
  Value centered = r.sum([](ValueRange acc, Value) { return acc[0]; }, 2);
  r.setResult(0, s.mul(centered, r.operand(3)));
  r.setResult(1, r.sum([](ValueRange acc, Value) { return acc[1]; }, 2));
}
