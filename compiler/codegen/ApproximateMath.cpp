// Math that LLVM has no instruction for. f32 functions become polynomials
// (MLIR's own): as calls to libm, one lane at a time, exp and log would cost
// more than the convolution before them. f64 calls libm for exp, log and tanh.
// Functions that MLIR would round badly or does not lower are built from these
// (log1p as log(1 + x)).
//
// requires: math ops on scalars or vectors. maintains: no f32 math op that has
// a polynomial; no log1p, expm1 or erf of f64.
#include "compiler/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace gradmill {
#define GEN_PASS_DEF_APPROXIMATEMATH
#include "compiler/Passes.h.inc"

namespace {

// Builds arithmetic on scalars or vectors of one type.
struct Formula {
  OpBuilder &b;
  Location loc;
  Type type;

  Value constant(double v) { return nn::Emitter(b, loc).constant(type, v); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value exp(Value x) { return math::ExpOp::create(b, loc, x); }
  Value log(Value x) { return math::LogOp::create(b, loc, x); }
  Value where(arith::CmpFPredicate predicate, Value x, Value y, Value then,
              Value otherwise) {
    Value holds = arith::CmpFOp::create(b, loc, predicate, x, y);
    return arith::SelectOp::create(b, loc, holds, then, otherwise);
  }
  Value polynomial(Value x, ArrayRef<double> coefficients) {
    Value sum = constant(coefficients.back());
    for (double c : llvm::reverse(coefficients.drop_back()))
      sum = math::FmaOp::create(b, loc, sum, x, constant(c));
    return sum;
  }
};

using Predicate = arith::CmpFPredicate;

// log(u)*x/(u - 1) with u = 1 + x rounded: the rounding error of u cancels
// (Kahan). x where u is 1 or infinite.
Value log1p(Formula f, Value x) {
  Value one = f.constant(1), u = f.add(one, x), rest = f.sub(u, one);
  Value exact = f.mul(f.log(u), f.div(x, rest));
  Value whole = f.where(Predicate::OEQ, rest, x, f.log(u), exact);
  return f.where(Predicate::OEQ, u, one, x, whole);
}

// (u - 1)*x/log(u) with u = exp(x) rounded, likewise. x where u is 1; u where
// it is infinite; -1 where it vanishes in 1.
Value expm1(Formula f, Value x) {
  Value one = f.constant(1), u = f.exp(x), rest = f.sub(u, one);
  Value exact = f.mul(rest, f.div(x, f.log(u)));
  Value minusOne = f.constant(-1);
  exact = f.where(Predicate::OEQ, rest, minusOne, minusOne, exact);
  exact = f.where(Predicate::OEQ, rest, u, u, exact);
  return f.where(Predicate::OEQ, u, one, x, exact);
}

// Interpolations at Chebyshev's nodes, computed in 60 digits; the error is
// below 2.3e-16, and below 1 ulp up to 1. erf(x)/x in x^2 from 0 to 1:
constexpr double kErfNear[] = {
    1.1283791670955126,      -0.37612638903183543,   0.11283791670945006,
    -0.02686617064323777,    0.0052239776071164225,  -0.0008548325975389692,
    0.00012055294904839707,  -1.492473690741966e-05, 1.6447424703317362e-06,
    -1.6208483801871705e-07, 1.3720064546777686e-08, -7.795898827002142e-10};
// (1 - erf(x))*exp(x^2) in (x - c)/(x + c) from 1 to 6, where erf(x) is 1.
constexpr double kErfCenter = 2.449489742783178;
constexpr double kErfFar[] = {
    0.21462633906982062,     -0.37687425386567325,   0.2516668374219491,
    -0.12145140284028783,    0.03630813149910164,    -0.0022689267529558414,
    -0.0028574622750804466,  0.0006855383151211202,  0.00029497615300049396,
    -0.00010325184263585171, -4.669582029865185e-05, 1.3408589334752898e-05,
    9.51809700786882e-06,    -9.911509908259143e-07, -1.7815096652114235e-06,
    -1.6459739971386673e-07};

Value erf(Formula f, Value x) {
  Value size = math::AbsFOp::create(f.b, f.loc, x), six = f.constant(6);
  size = f.where(Predicate::OGT, size, six, six, size);
  Value near = f.mul(size, f.polynomial(f.mul(size, size), kErfNear));
  Value center = f.constant(kErfCenter), one = f.constant(1);
  Value at = f.div(f.sub(size, center), f.add(size, center));
  Value decay = f.exp(f.sub(f.constant(0), f.mul(size, size)));
  Value far = f.sub(one, f.mul(decay, f.polynomial(at, kErfFar)));
  Value both = f.where(Predicate::OLT, size, one, near, far);
  return math::CopySignOp::create(f.b, f.loc, both, x);
}

template <typename Op, Value (*formula)(Formula, Value)>
struct InDouble : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &b) const override {
    Value x = op.getOperand();
    if (!getElementTypeOrSelf(x.getType()).isF64())
      return failure();
    b.replaceOp(op, formula({b, op.getLoc(), x.getType()}, x));
    return success();
  }
};

struct ApproximateMathPass : impl::ApproximateMathBase<ApproximateMathPass> {
  void runOnOperation() override {
    // Most tasks have none, and searching is faster than rewriting.
    auto isMath = [](Operation *op) {
      return isa_and_nonnull<math::MathDialect>(op->getDialect())
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    };
    if (!getOperation()->walk(isMath).wasInterrupted())
      return;
    RewritePatternSet patterns(&getContext());
    populateMathPolynomialApproximationPatterns(patterns);
    patterns.add<InDouble<math::Log1pOp, log1p>, InDouble<math::ExpM1Op, expm1>,
                 InDouble<math::ErfOp, erf>>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace gradmill
