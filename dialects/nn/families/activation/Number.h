// Formulas as one writes them: operators on a Number emit arithmetic.
#pragma once
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "nn/NNDialect.h"

namespace gradmill::nn {

/// A scalar, or a vector of which each element is computed alike.
struct Number {
  Emitter &e;
  mlir::Value value;

  Number like(double constant) const {
    return {e, e.constant(value.getType(), constant)};
  }
  template <typename Op> Number apply() const {
    return {e, Op::create(e.b, e.loc, value)};
  }
  template <typename Op> Number with(Number other) const {
    return {e, Op::create(e.b, e.loc, value, other.value)};
  }
};

/// Where a comparison holds; one with a NaN holds nowhere.
struct Where {
  Emitter &e;
  mlir::Value mask;
};

#define GRADMILL_OPERATOR(SYMBOL, OP)                                          \
  inline Number operator SYMBOL(Number x, Number y) { return x.with<OP>(y); }  \
  inline Number operator SYMBOL(Number x, double y) {                          \
    return x SYMBOL x.like(y);                                                 \
  }                                                                            \
  inline Number operator SYMBOL(double x, Number y) {                          \
    return y.like(x) SYMBOL y;                                                 \
  }
GRADMILL_OPERATOR(+, mlir::arith::AddFOp)
GRADMILL_OPERATOR(-, mlir::arith::SubFOp)
GRADMILL_OPERATOR(*, mlir::arith::MulFOp)
GRADMILL_OPERATOR(/, mlir::arith::DivFOp)
#undef GRADMILL_OPERATOR

#define GRADMILL_COMPARISON(SYMBOL, PREDICATE)                                 \
  inline Where operator SYMBOL(Number x, Number y) {                           \
    return {x.e, mlir::arith::CmpFOp::create(                                  \
                     x.e.b, x.e.loc, mlir::arith::CmpFPredicate::PREDICATE,    \
                     x.value, y.value)};                                       \
  }                                                                            \
  inline Where operator SYMBOL(Number x, double y) {                           \
    return x SYMBOL x.like(y);                                                 \
  }
GRADMILL_COMPARISON(<, OLT)
GRADMILL_COMPARISON(<=, OLE)
GRADMILL_COMPARISON(>, OGT)
GRADMILL_COMPARISON(>=, OGE)
#undef GRADMILL_COMPARISON

inline Number select(Where where, Number x, Number y) {
  return {x.e, mlir::arith::SelectOp::create(x.e.b, x.e.loc, where.mask,
                                             x.value, y.value)};
}
inline Number select(Where where, Number x, double y) {
  return select(where, x, x.like(y));
}
inline Number select(Where where, double x, Number y) {
  return select(where, y.like(x), y);
}

inline Number exp(Number x) { return x.apply<mlir::math::ExpOp>(); }
inline Number expm1(Number x) { return x.apply<mlir::math::ExpM1Op>(); }
inline Number log1p(Number x) { return x.apply<mlir::math::Log1pOp>(); }
inline Number tanh(Number x) { return x.apply<mlir::math::TanhOp>(); }
inline Number erf(Number x) { return x.apply<mlir::math::ErfOp>(); }

} // namespace gradmill::nn
