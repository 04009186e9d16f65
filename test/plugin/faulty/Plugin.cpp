// Each op and pass has one fault, which faulty.test expects to be told.
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "nn/Registry.h"
#define GET_OP_CLASSES
#include "Faulty.h.inc"
#define GET_OP_CLASSES
#include "Faulty.cpp.inc"

using namespace mlir;
using namespace gradmill::nn;

// What is right in all.
#define SAME_SHAPE(OP)                                                         \
  LogicalResult OP::inferReturnTypes(MLIRContext *, std::optional<Location>,   \
                                     Adaptor op, SmallVectorImpl<Type> &types) {   \
    types.push_back(op.getInput().getType());                                  \
    return success();                                                          \
  }                                                                            \
  LogicalResult OP::evaluate(ArrayRef<const RefTensor *> in,                   \
                             MutableArrayRef<RefTensor> out) {                 \
    out[0] = *in[0];                                                           \
    return success();                                                          \
  }
#define RIGHT_GRADIENT(OP)                                                     \
  LogicalResult OP::buildGradient(Gradient &g) {                               \
    g.set(0, g.cotangent());                                                   \
    return success();                                                          \
  }
#define RIGHT_FORMULA(OP)                                                      \
  void OP::emitElement(OpBuilder &, Location, ValueRange operands,             \
                       SmallVectorImpl<Value> &results) {                      \
    results.push_back(operands[0]);                                            \
  }

SAME_SHAPE(MisshapesOp) RIGHT_FORMULA(MisshapesOp)
LogicalResult MisshapesOp::buildGradient(Gradient &g) {
  auto type = RankedTensorType::get({7}, g.builder.getF32Type());
  g.set(0, ConstantOp::create(g.builder, g.loc(),
                              DenseElementsAttr::get(type, 1.0f)));
  return success();
}

// Without a cotangent what is before it would stay untrained.
SAME_SHAPE(ForgetsOp) RIGHT_FORMULA(ForgetsOp)
LogicalResult ForgetsOp::buildGradient(Gradient &) { return success(); }

SAME_SHAPE(SilentOp) RIGHT_FORMULA(SilentOp)
LogicalResult SilentOp::buildGradient(Gradient &) { return failure(); }

SAME_SHAPE(EmptyOp) RIGHT_GRADIENT(EmptyOp)
void EmptyOp::emitElement(OpBuilder &, Location, ValueRange,
                          SmallVectorImpl<Value> &) {}

SAME_SHAPE(IntegralOp) RIGHT_GRADIENT(IntegralOp)
void IntegralOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                             SmallVectorImpl<Value> &results) {
  results.push_back(arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT,
                                          operands[0], operands[0]));
}

// A call to libm for each element.
SAME_SHAPE(TangentOp) RIGHT_GRADIENT(TangentOp)
void TangentOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                            SmallVectorImpl<Value> &results) {
  results.push_back(math::TanOp::create(b, loc, operands[0]));
}

namespace {
// Does nothing but for graphs with a layer "fails", "crashes" or "other".
struct FaultyPass : PassWrapper<FaultyPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FaultyPass)
  explicit FaultyPass(double times) : times(times) {}
  StringRef getName() const override { return "FaultyPass"; }
  StringRef getArgument() const override { return "faulty-pass"; }
  void runOnOperation() override {
    SmallVector<StringRef> names;
    getOperation().walk([&](ParameterOp op) { names.push_back(op.getName()); });
    if (llvm::is_contained(names, "says.weight"))
      emitWarning(getOperation().getLoc()) << "[says] times is " << int64_t(times);
    if (llvm::is_contained(names, "fails.weight"))
      return signalPassFailure(); // without an error
    if (llvm::is_contained(names, "crashes.weight"))
      std::abort();
    if (llvm::is_contained(names, "other.weight")) { // a dialect that it does not declare
      OpBuilder b(getOperation().getBodyRegion());
      arith::ConstantOp::create(b, getOperation().getLoc(), b.getI32IntegerAttr(7))
          .erase();
    }
  }
  double times;
};
} // namespace

GRADMILL_PLUGIN(faulty) {
  registry.ops<MisshapesOp, ForgetsOp, SilentOp, EmptyOp, IntegralOp, TangentOp>();
  registry.pass({gradmill::Stage::Graph,
                 "faulty-pass",
                 [](const gradmill::OptionValues &o) {
                   return std::make_unique<FaultyPass>(o.number("times"));
                 },
                 "fails by the names of layers",
                 {{"times", 1, 0, 9, "what a layer named says is told"}}});
}
