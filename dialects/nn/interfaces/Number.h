// Lets formulas be written as formulas: operators on a Number emit arithmetic.
#pragma once
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "nn/interfaces/Lowering.h"

namespace gradmill::nn {

/// A scalar, or a vector whose elements are computed alike.
class Number {
public:
  Number(Emitter &e, mlir::Value value) : e(&e), value(value) {}
  operator mlir::Value() const { return value; }
  Emitter &emitter() const { return *e; }
  mlir::Type type() const { return value.getType(); }

  Number like(double constant) const {
    return {*e, e->constant(value.getType(), constant)};
  }
  template <typename Op> Number apply() const {
    return {*e, Op::create(e->b, e->loc, value)};
  }
  template <typename Op> Number with(Number other) const {
    return {*e, Op::create(e->b, e->loc, value, other.value)};
  }

private:
  Emitter *e;
  mlir::Value value;
};

/// A formula's operands, as numbers.
class Numbers {
public:
  Numbers(mlir::OpBuilder &b, mlir::Location loc, mlir::ValueRange values)
      : e(b, loc), values(values) {}
  Number operator[](size_t i) { return {e, values[i]}; }
  size_t size() const { return values.size(); }

private:
  Emitter e;
  mlir::ValueRange values;
};

/// Where a comparison holds; one with a NaN holds nowhere.
struct Where {
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
    Emitter &e = x.emitter();                                                  \
    return {mlir::arith::CmpFOp::create(                                       \
        e.b, e.loc, mlir::arith::CmpFPredicate::PREDICATE, x, y)};             \
  }                                                                            \
  inline Where operator SYMBOL(Number x, double y) {                           \
    return x SYMBOL x.like(y);                                                 \
  }                                                                            \
  inline Where operator SYMBOL(double x, Number y) {                           \
    return y.like(x) SYMBOL y;                                                 \
  }
GRADMILL_COMPARISON(<, OLT)
GRADMILL_COMPARISON(<=, OLE)
GRADMILL_COMPARISON(>, OGT)
GRADMILL_COMPARISON(>=, OGE)
#undef GRADMILL_COMPARISON

inline Number select(Where where, Number x, Number y) {
  Emitter &e = x.emitter();
  return {e, mlir::arith::SelectOp::create(e.b, e.loc, where.mask, x, y)};
}
inline Number select(Where where, Number x, double y) {
  return select(where, x, x.like(y));
}
inline Number select(Where where, double x, Number y) {
  return select(where, y.like(x), y);
}

inline Number operator-(Number x) { return x.apply<mlir::arith::NegFOp>(); }
inline Number abs(Number x) { return x.apply<mlir::math::AbsFOp>(); }
inline Number sqrt(Number x) { return x.apply<mlir::math::SqrtOp>(); }
/// x*y + z, rounded once.
inline Number fma(Number x, Number y, Number z) {
  Emitter &e = x.emitter();
  return {e, mlir::math::FmaOp::create(e.b, e.loc, x, y, z)};
}
inline Number exp(Number x) { return x.apply<mlir::math::ExpOp>(); }
inline Number log(Number x) { return x.apply<mlir::math::LogOp>(); }
/// A NaN in either gives NaN.
inline Number min(Number x, Number y) { return x.with<mlir::arith::MinimumFOp>(y); }
inline Number max(Number x, Number y) { return x.with<mlir::arith::MaximumFOp>(y); }
inline Number expm1(Number x) { return x.apply<mlir::math::ExpM1Op>(); }
inline Number log1p(Number x) { return x.apply<mlir::math::Log1pOp>(); }
inline Number tanh(Number x) { return x.apply<mlir::math::TanhOp>(); }
inline Number erf(Number x) { return x.apply<mlir::math::ErfOp>(); }

} // namespace gradmill::nn
