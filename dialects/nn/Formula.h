// Arithmetic as it is written, for formulas (PointwiseInterface::emitElement):
//
//   Formula x = of(builder, loc, operands[0]);
//   results.push_back(x / (1 + abs(x)));
//
// A Formula is a scalar or a vector of f32 or f64; numbers take its type.
#pragma once

#include "nn/NNDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

namespace gradmill::nn::formula {

class Formula {
public:
  Formula(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value)
      : b(&b), loc(loc), value(value) {}
  operator mlir::Value() const { return value; }
  /// A number of the same type.
  Formula number(double n) const {
    return {*b, loc, Emitter(*b, loc).constant(value.getType(), n)};
  }
  template <typename Op, typename... Operands>
  Formula make(Operands... operands) const {
    return {*b, loc, Op::create(*b, loc, mlir::Value(operands)...)};
  }

private:
  mlir::OpBuilder *b;
  mlir::Location loc;
  mlir::Value value;
};

inline Formula of(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value) {
  return {b, loc, value};
}

#define GRADMILL_FORMULA_OPERATOR(SIGN, OP)                                    \
  inline Formula operator SIGN(Formula x, Formula y) {                         \
    return x.make<OP>(x, y);                                                   \
  }                                                                            \
  inline Formula operator SIGN(Formula x, double y) {                          \
    return x SIGN x.number(y);                                                 \
  }                                                                            \
  inline Formula operator SIGN(double x, Formula y) {                          \
    return y.number(x) SIGN y;                                                 \
  }
GRADMILL_FORMULA_OPERATOR(+, mlir::arith::AddFOp)
GRADMILL_FORMULA_OPERATOR(-, mlir::arith::SubFOp)
GRADMILL_FORMULA_OPERATOR(*, mlir::arith::MulFOp)
GRADMILL_FORMULA_OPERATOR(/, mlir::arith::DivFOp)
#undef GRADMILL_FORMULA_OPERATOR
inline Formula operator-(Formula x) { return x.make<mlir::arith::NegFOp>(x); }

inline Formula abs(Formula x) { return x.make<mlir::math::AbsFOp>(x); }
inline Formula sqrt(Formula x) { return x.make<mlir::math::SqrtOp>(x); }
// In f32 a polynomial; in f64 a call for each element.
inline Formula exp(Formula x) { return x.make<mlir::math::ExpOp>(x); }
inline Formula log(Formula x) { return x.make<mlir::math::LogOp>(x); }
inline Formula tanh(Formula x) { return x.make<mlir::math::TanhOp>(x); }
/// A NaN in either gives NaN.
inline Formula min(Formula x, Formula y) {
  return x.make<mlir::arith::MinimumFOp>(x, y);
}
inline Formula max(Formula x, Formula y) {
  return x.make<mlir::arith::MaximumFOp>(x, y);
}

/// The reference of a formula of one operand: `f` of each element.
template <typename F>
mlir::LogicalResult forEach(llvm::ArrayRef<const RefTensor *> in,
                            llvm::MutableArrayRef<RefTensor> out, F f) {
  for (size_t i = 0; i < out[0].data.size(); ++i)
    if constexpr (std::is_invocable_v<F, double>)
      out[0].data[i] = f(in[0]->data[i]);
    else // of two
      out[0].data[i] = f(in[0]->data[i], in[1]->data[i]);
  return mlir::success();
}

} // namespace gradmill::nn::formula
