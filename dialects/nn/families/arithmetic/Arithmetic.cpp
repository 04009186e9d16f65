// Formulas and references, side by side.
#include "Arithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Arithmetic.cpp.inc"

//===-- Writing them down -------------------------------------------------===//

namespace {
using Read = llvm::ArrayRef<const RefTensor *>;
using Write = llvm::MutableArrayRef<RefTensor>;

// The reference of a formula: `f` of an element of each operand.
template <typename F> LogicalResult each(Read in, Write out, F f) {
  SmallVector<BroadcastReader> readers;
  for (const RefTensor *tensor : in)
    readers.emplace_back(*tensor, out[0].shape);
  for (size_t i = 0; i < out[0].data.size(); ++i)
    if constexpr (std::is_invocable_v<F, double>)
      out[0].data[i] = f(readers[0][i]);
    else if constexpr (std::is_invocable_v<F, double, double>)
      out[0].data[i] = f(readers[0][i], readers[1][i]);
    else
      out[0].data[i] = f(readers[0][i], readers[1][i], readers[2][i]);
  return success();
}

Value constant(OpBuilder &b, Location loc, Type type, double value) {
  return Emitter(b, loc).constant(type, value);
}

Value compared(OpBuilder &b, Location loc, arith::CmpFPredicate predicate,
               Value x, Value y) {
  return arith::CmpFOp::create(b, loc, predicate, x, y);
}

Value selected(OpBuilder &b, Location loc, Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, loc, condition, x, y);
}

double pow0(double x, double y) { return std::pow(x, y); }
} // namespace

// An op that is one instruction, or one call.
#define GRADMILL_FORMULA(OP, INSTRUCTION, REFERENCE)                           \
  void OP::emitElement(OpBuilder &b, Location loc, ValueRange operands,        \
                       SmallVectorImpl<Value> &results) {                      \
    results.push_back(INSTRUCTION::create(b, loc, operands));                  \
  }                                                                            \
  LogicalResult OP::evaluate(Read in, Write out) {                             \
    return each(in, out, REFERENCE);                                           \
  }

GRADMILL_FORMULA(SubOp, arith::SubFOp, [](double x, double y) { return x - y; })
GRADMILL_FORMULA(MulOp, arith::MulFOp, [](double x, double y) { return x * y; })
GRADMILL_FORMULA(DivOp, arith::DivFOp, [](double x, double y) { return x / y; })
GRADMILL_FORMULA(MinimumOp, arith::MinimumFOp, [](double x, double y) {
  return std::isnan(x) || x < y ? x : y;
})
GRADMILL_FORMULA(MaximumOp, arith::MaximumFOp, [](double x, double y) {
  return std::isnan(x) || x > y ? x : y;
})
GRADMILL_FORMULA(PowOp, math::PowFOp, pow0)
GRADMILL_FORMULA(NegOp, arith::NegFOp, [](double x) { return -x; })
GRADMILL_FORMULA(AbsOp, math::AbsFOp, [](double x) { return std::fabs(x); })
GRADMILL_FORMULA(ExpOp, math::ExpOp, [](double x) { return std::exp(x); })
GRADMILL_FORMULA(LogOp, math::LogOp, [](double x) { return std::log(x); })
GRADMILL_FORMULA(SqrtOp, math::SqrtOp, [](double x) { return std::sqrt(x); })
GRADMILL_FORMULA(ErfOp, math::ErfOp, [](double x) { return std::erf(x); })

//===-- sign, clamp, compare, where ---------------------------------------===//

void SignOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                         SmallVectorImpl<Value> &results) {
  Value x = operands[0];
  auto of = [&](double value) { return constant(b, loc, x.getType(), value); };
  Value zero = of(0); // neither above nor below zero: 0 or NaN
  Value positive =
      selected(b, loc, compared(b, loc, arith::CmpFPredicate::OGT, x, zero),
               of(1), x);
  results.push_back(
      selected(b, loc, compared(b, loc, arith::CmpFPredicate::OLT, x, zero),
               of(-1), positive));
}

LogicalResult SignOp::evaluate(Read in, Write out) {
  return each(in, out, [](double x) { return x > 0 ? 1 : x < 0 ? -1 : x; });
}

LogicalResult ClampOp::verify() {
  double low = getMin().convertToDouble(), high = getMax().convertToDouble();
  if (!(low <= high))
    return violated(getLoc(), "clamp_c1", "min is ", low, " and max ", high,
                    ", expected min to be at most max");
  return success();
}

void ClampOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                          SmallVectorImpl<Value> &results) {
  Value x = operands[0];
  Value low = constant(b, loc, x.getType(), getMin().convertToDouble()),
        high = constant(b, loc, x.getType(), getMax().convertToDouble());
  Value atLeast = selected(
      b, loc, compared(b, loc, arith::CmpFPredicate::OLT, x, low), low, x);
  results.push_back(selected(
      b, loc, compared(b, loc, arith::CmpFPredicate::OGT, atLeast, high), high,
      atLeast));
}

LogicalResult ClampOp::evaluate(Read in, Write out) {
  double low = getMin().convertToDouble(), high = getMax().convertToDouble();
  return each(in, out, [&](double x) { return x < low ? low : x > high ? high : x; });
}

LogicalResult ClampBackwardOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location>,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getCotangent().getType());
  return success();
}

void ClampBackwardOp::emitElement(OpBuilder &b, Location loc,
                                  ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Value dy = operands[0], x = operands[1];
  auto of = [&](double value) { return constant(b, loc, x.getType(), value); };
  Value inside = arith::AndIOp::create(
      b, loc,
      compared(b, loc, arith::CmpFPredicate::OGE, x,
               of(getMin().convertToDouble())),
      compared(b, loc, arith::CmpFPredicate::OLE, x,
               of(getMax().convertToDouble())));
  results.push_back(selected(b, loc, inside, dy, of(0)));
}

LogicalResult ClampBackwardOp::evaluate(Read in, Write out) {
  double low = getMin().convertToDouble(), high = getMax().convertToDouble();
  return each(in, out, [&](double dy, double x) {
    return x >= low && x <= high ? dy : 0;
  });
}

static std::optional<arith::CmpFPredicate> predicateOf(StringRef name) {
  using Kind = arith::CmpFPredicate;
  return llvm::StringSwitch<std::optional<Kind>>(name)
      .Case("eq", Kind::OEQ)
      .Case("ne", Kind::UNE)
      .Case("lt", Kind::OLT)
      .Case("le", Kind::OLE)
      .Case("gt", Kind::OGT)
      .Case("ge", Kind::OGE)
      .Default(std::nullopt);
}

LogicalResult CompareOp::verify() {
  if (predicateOf(getPredicate()))
    return success();
  return violated(getLoc(), "compare_c2", "predicate is \"", getPredicate(),
                  "\", expected \"eq\", \"ne\", \"lt\", \"le\", \"gt\" or "
                  "\"ge\"");
}

void CompareOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                            SmallVectorImpl<Value> &results) {
  Type type = operands[0].getType();
  results.push_back(selected(b, loc,
                             compared(b, loc, *predicateOf(getPredicate()),
                                      operands[0], operands[1]),
                             constant(b, loc, type, 1),
                             constant(b, loc, type, 0)));
}

LogicalResult CompareOp::evaluate(Read in, Write out) {
  StringRef p = getPredicate();
  return each(in, out, [&](double x, double y) {
    return p == "eq"   ? x == y
           : p == "ne" ? x != y
           : p == "lt" ? x < y
           : p == "le" ? x <= y
           : p == "gt" ? x > y
                       : x >= y;
  });
}

void WhereOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                          SmallVectorImpl<Value> &results) {
  Value holds = compared(b, loc, arith::CmpFPredicate::UNE, operands[0],
                         constant(b, loc, operands[0].getType(), 0));
  results.push_back(selected(b, loc, holds, operands[1], operands[2]));
}

LogicalResult WhereOp::evaluate(Read in, Write out) {
  return each(in, out,
              [](double c, double x, double y) { return c != 0 ? x : y; });
}

//===-- The adjoints of pow -----------------------------------------------===//

// dy * y * x^(y - 1)
void PowBackwardBaseOp::emitElement(OpBuilder &b, Location loc,
                                    ValueRange operands,
                                    SmallVectorImpl<Value> &results) {
  Value dy = operands[0], x = operands[1], y = operands[2];
  Value zero = constant(b, loc, x.getType(), 0);
  Value less = arith::SubFOp::create(b, loc, y, constant(b, loc, x.getType(), 1));
  Value slope =
      arith::MulFOp::create(b, loc, y, math::PowFOp::create(b, loc, x, less));
  results.push_back(
      selected(b, loc, compared(b, loc, arith::CmpFPredicate::OEQ, y, zero),
               zero, arith::MulFOp::create(b, loc, dy, slope)));
}

LogicalResult PowBackwardBaseOp::evaluate(Read in, Write out) {
  return each(in, out, [](double dy, double x, double y) {
    return y == 0 ? 0 : dy * y * std::pow(x, y - 1);
  });
}

// dy * x^y * log(x)
void PowBackwardExponentOp::emitElement(OpBuilder &b, Location loc,
                                        ValueRange operands,
                                        SmallVectorImpl<Value> &results) {
  Value dy = operands[0], x = operands[1], y = operands[2];
  Value zero = constant(b, loc, x.getType(), 0);
  Value slope =
      arith::MulFOp::create(b, loc, math::PowFOp::create(b, loc, x, y),
                            math::LogOp::create(b, loc, x));
  Value flat = arith::AndIOp::create(
      b, loc, compared(b, loc, arith::CmpFPredicate::OEQ, x, zero),
      compared(b, loc, arith::CmpFPredicate::OGE, y, zero));
  results.push_back(selected(b, loc, flat, zero,
                             arith::MulFOp::create(b, loc, dy, slope)));
}

LogicalResult PowBackwardExponentOp::evaluate(Read in, Write out) {
  return each(in, out, [](double dy, double x, double y) {
    return x == 0 && y >= 0 ? 0 : dy * std::pow(x, y) * std::log(x);
  });
}
