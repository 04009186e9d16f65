// swish: shape, formula and reference. The formula is all that the compiler
// needs to vectorize it, run it in parallel and fuse it with its neighbours.
#include "Swish.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Swish.cpp.inc"

//===-- Shapes ------------------------------------------------------------===//

static LogicalResult checkBeta(std::optional<Location> loc, double beta) {
  if (!std::isfinite(beta))
    return violated(loc, "swish_c1", "beta is ", beta,
                    ", expected a finite number");
  return success();
}

LogicalResult SwishOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return checkBeta(loc, adaptor.getBeta().convertToDouble());
}

LogicalResult SwishBackwardOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location> loc,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getCotangent().getType());
  return checkBeta(loc, adaptor.getBeta().convertToDouble());
}

//===-- Formulas ----------------------------------------------------------===//

namespace {
// Arithmetic on scalars or vectors of one type.
struct Formula {
  OpBuilder &b;
  Location loc;
  Type type;
  Value constant(double v) { return Emitter(b, loc).constant(type, v); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  // 1 / (1 + exp(-x)). An exponential that overflows gives 0, as it should.
  Value sigmoid(Value x) {
    Value e = math::ExpOp::create(b, loc, sub(constant(0), x));
    return arith::DivFOp::create(b, loc, constant(1), add(constant(1), e));
  }
};
} // namespace

LayerKind SwishOp::getLayerKind() { return LayerKind::Activation; }

void SwishOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                          SmallVectorImpl<Value> &results) {
  Value x = operands[0];
  Formula f{b, loc, x.getType()};
  Value s = f.sigmoid(f.mul(x, f.constant(getBeta().convertToDouble())));
  results.push_back(f.mul(x, s));
}

void SwishBackwardOp::emitElement(OpBuilder &b, Location loc,
                                  ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Value dy = operands[0], x = operands[1];
  Formula f{b, loc, x.getType()};
  Value bx = f.mul(x, f.constant(getBeta().convertToDouble()));
  Value s = f.sigmoid(bx), one = f.constant(1);
  Value slope = f.mul(s, f.add(one, f.mul(bx, f.sub(one, s))));
  results.push_back(f.mul(dy, slope));
}

//===-- References --------------------------------------------------------===//

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

LogicalResult SwishOp::evaluate(ArrayRef<const RefTensor *> in,
                                MutableArrayRef<RefTensor> out) {
  double beta = getBeta().convertToDouble();
  for (size_t i = 0; i < out[0].data.size(); ++i) {
    double x = in[0]->data[i];
    out[0].data[i] = x * sigmoid(beta * x);
  }
  return success();
}

LogicalResult SwishBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  double beta = getBeta().convertToDouble();
  for (size_t i = 0; i < out[0].data.size(); ++i) {
    double x = in[1]->data[i], s = sigmoid(beta * x);
    out[0].data[i] = in[0]->data[i] * (s + beta * x * s * (1 - s));
  }
  return success();
}
