// Update rules: formulas beside their references.
#include "Optimizer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"
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

namespace {
struct Formula {
  OpBuilder &b;
  Location loc;
  Type type;
  Value constant(double v) { return Emitter(b, loc).constant(type, v); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value mul(Value x, double y) { return y == 1 ? x : mul(x, constant(y)); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  // x + factor*y, and nothing at all if the factor is 0.
  Value plus(Value x, double factor, Value y) {
    return factor == 0 ? x : add(x, mul(y, factor));
  }
};
} // namespace

//===-- SGD ---------------------------------------------------------------===//

void SgdOp::emitElement(OpBuilder &b, Location loc, ValueRange in,
                        SmallVectorImpl<Value> &out) {
  Formula f{b, loc, in[0].getType()};
  Value g = f.plus(in[1], getWeightDecay().convertToDouble(), in[0]);
  out.push_back(f.sub(in[0], f.mul(in[2], g)));
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
  Formula f{b, loc, in[0].getType()};
  double momentum = getMomentum().convertToDouble();
  Value g = f.plus(in[1], getWeightDecay().convertToDouble(), in[0]);
  Value v = f.plus(g, momentum, in[2]);
  Value direction = getNesterov() ? f.plus(g, momentum, v) : v;
  out.append({f.sub(in[0], f.mul(in[3], direction)), v});
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
  OpBuilder &b = block.builder();
  Formula f{b, block.loc(), block.type()};
  double beta1 = getBeta1().convertToDouble(),
         beta2 = getBeta2().convertToDouble();
  double decay = getWeightDecay().convertToDouble();
  // 1 - beta^(step + 1) in double: for beta2 = 0.999 the first steps cancel
  // digits.
  Type f64 = b.getF64Type();
  Formula d{b, block.loc(), f64};
  Value t = d.add(arith::SIToFPOp::create(b, block.loc(), f64, block.scalar(5)),
                  d.constant(1));
  auto correction = [&](double beta) -> Value {
    Value power =
        beta == 0 ? d.constant(0)
                  : Value(math::ExpOp::create(
                        b, block.loc(), d.mul(t, d.constant(std::log(beta)))));
    Value value = d.div(d.constant(1), d.sub(d.constant(1), power));
    Type scalar = getElementTypeOrSelf(block.type());
    if (scalar != f64)
      value = arith::TruncFOp::create(b, block.loc(), scalar, value);
    return block.emitter().splat(value, block.type());
  };
  Value c1 = correction(beta1), c2 = correction(beta2);
  for (int64_t j = 0; j < block.size(); ++j) {
    Value p = block.operand(0, j), g = block.operand(1, j),
          lr = block.operand(4, j);
    if (getDecoupled())
      p = f.sub(p, f.mul(f.mul(lr, p), decay));
    else
      g = f.plus(g, decay, p);
    Value m = f.add(f.mul(block.operand(2, j), beta1), f.mul(g, 1 - beta1));
    Value v =
        f.add(f.mul(block.operand(3, j), beta2), f.mul(f.mul(g, g), 1 - beta2));
    Value root = math::SqrtOp::create(b, block.loc(), f.mul(v, c2));
    Value step = f.div(f.mul(m, c1),
                       f.add(root, f.constant(getEps().convertToDouble())));
    block.setResult(0, j, f.sub(p, f.mul(lr, step)));
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
