// Update rules: formulas beside their references.
#include "Optimizer.h"
#include "mlir/IR/TypeUtilities.h"
#include "nn/interfaces/Number.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Optimizer.cpp.inc"

template <typename Adaptor>
static LogicalResult inferUpdate(Adaptor a, unsigned results,
                                 SmallVectorImpl<Type> &types) {
  types.append(results, a.getParameter().getType());
  return success();
}
LogicalResult SgdOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                      Adaptor a, SmallVectorImpl<Type> &types) {
  return inferUpdate(a, 1, types);
}
LogicalResult SgdMomentumOp::inferReturnTypes(MLIRContext *,
                                              std::optional<Location>,
                                              Adaptor a,
                                              SmallVectorImpl<Type> &types) {
  return inferUpdate(a, 2, types);
}
LogicalResult AdamOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                       Adaptor a,
                                       SmallVectorImpl<Type> &types) {
  return inferUpdate(a, 3, types);
}

// x + factor*y, and no code if the factor is 0.
static Number plus(Number x, double factor, Number y) {
  return factor == 0 ? x : x + (factor == 1 ? y : y * factor);
}

//===-- SGD ---------------------------------------------------------------===//

void SgdOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                        SmallVectorImpl<Value> &out) {
  Numbers x(b, loc, in);
  Number g = plus(x[1], getWeightDecay().convertToDouble(), x[0]);
  out.push_back(x[0] - x[2] * g);
}

LogicalResult SgdOp::evaluate(ArrayRef<const RefTensor *> in,
                              MutableArrayRef<RefTensor> out) {
  double lr = in[2]->data[0], decay = getWeightDecay().convertToDouble();
  for (size_t i = 0; i < out[0].data.size(); ++i) {
    double p = in[0]->data[i];
    out[0].data[i] = p - lr * (in[1]->data[i] + decay * p);
  }
  return success();
}

void SgdMomentumOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                                SmallVectorImpl<Value> &out) {
  Numbers x(b, loc, in);
  double momentum = getMomentum().convertToDouble();
  Number g = plus(x[1], getWeightDecay().convertToDouble(), x[0]);
  Number v = plus(g, momentum, x[2]);
  Number direction = getNesterov() ? plus(g, momentum, v) : v;
  out.append({x[0] - x[3] * direction, v});
}

LogicalResult SgdMomentumOp::evaluate(ArrayRef<const RefTensor *> in,
                                      MutableArrayRef<RefTensor> out) {
  double lr = in[3]->data[0], decay = getWeightDecay().convertToDouble(),
         momentum = getMomentum().convertToDouble();
  for (size_t i = 0; i < out[0].data.size(); ++i) {
    double p = in[0]->data[i], g = in[1]->data[i] + decay * p;
    double v = momentum * in[2]->data[i] + g;
    out[0].data[i] = p - lr * (getNesterov() ? g + momentum * v : v);
    out[1].data[i] = v;
  }
  return success();
}

//===-- Adam --------------------------------------------------------------===//

void AdamOp::emitElement(OpBuilder &, Location, ValueRange,
                         SmallVectorImpl<Value> &) {
  llvm_unreachable("needs the step: see emitBlock");
}

void AdamOp::emitBlock(PointwiseBlock &block) {
  Emitter &e = block.emitter();
  double beta1 = getBeta1().convertToDouble(),
         beta2 = getBeta2().convertToDouble(), eps = getEps().convertToDouble(),
         decay = getWeightDecay().convertToDouble();
  // 1 - beta^(step + 1) in double: for beta2 = 0.999 the first steps cancel
  // digits.
  Type f64 = e.b.getF64Type();
  Number step(e, arith::SIToFPOp::create(e.b, e.loc, f64, block.scalar(5)));
  Number t = step + 1.0;
  auto correction = [&](double beta) -> Number {
    Number power = beta == 0 ? t.like(0) : exp(t * std::log(beta));
    Value value = 1.0 / (1.0 - power);
    Type scalar = getElementTypeOrSelf(block.type());
    if (scalar != f64)
      value = arith::TruncFOp::create(e.b, e.loc, scalar, value);
    return {e, e.splat(value, block.type())};
  };
  Number c1 = correction(beta1), c2 = correction(beta2);
  for (int64_t j = 0; j < block.size(); ++j) {
    auto operand = [&](unsigned i) { return Number(e, block.operand(i, j)); };
    Number p = operand(0), g = operand(1), lr = operand(4);
    if (getDecoupled())
      p = p - lr * p * decay;
    else
      g = plus(g, decay, p);
    Number m = operand(2) * beta1 + g * (1 - beta1);
    Number v = operand(3) * beta2 + g * g * (1 - beta2);
    block.setResult(0, j, p - lr * (m * c1 / (sqrt(v * c2) + eps)));
    block.setResult(1, j, m);
    block.setResult(2, j, v);
  }
}

LogicalResult AdamOp::evaluate(ArrayRef<const RefTensor *> in,
                               MutableArrayRef<RefTensor> out) {
  double lr = in[4]->data[0], t = in[5]->data[0] + 1;
  double beta1 = getBeta1().convertToDouble(),
         beta2 = getBeta2().convertToDouble(), eps = getEps().convertToDouble(),
         decay = getWeightDecay().convertToDouble();
  for (size_t i = 0; i < out[0].data.size(); ++i) {
    double p = in[0]->data[i], g = in[1]->data[i];
    if (getDecoupled())
      p -= lr * decay * p;
    else
      g += decay * p;
    double m = beta1 * in[2]->data[i] + (1 - beta1) * g;
    double v = beta2 * in[3]->data[i] + (1 - beta2) * g * g;
    out[0].data[i] = p - lr * (m / (1 - std::pow(beta1, t))) /
                             (std::sqrt(v / (1 - std::pow(beta2, t))) + eps);
    out[1].data[i] = m;
    out[2].data[i] = v;
  }
  return success();
}
