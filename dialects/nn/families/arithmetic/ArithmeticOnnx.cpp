// The forms in ONNX. Comparisons give truth values there, and numbers here.
#include "ArithmeticOnnx.h"
#include "Arithmetic.h"
#include "nn/Onnx.h"
#include <cmath>

using namespace mlir;

namespace gradmill::nn {
namespace {

constexpr int64_t kOnnxFloat = 1, kOnnxDouble = 11; // element types

LogicalResult writeClamp(ClampOp op, OnnxWriter &w) {
  Value x = op.getInput();
  double low = op.getMin().convertToDouble(), high = op.getMax().convertToDouble();
  OnnxValue none;
  return w.give(op, w.node("Clip", {w.value(x),
                                    std::isinf(low) ? none : w.scalar(x, low),
                                    std::isinf(high) ? none : w.scalar(x, high)}));
}

LogicalResult writeCompare(CompareOp op, OnnxWriter &w) {
  StringRef predicate = op.getPredicate();
  StringRef name = llvm::StringSwitch<StringRef>(predicate)
                       .Case("lt", "Less")
                       .Case("le", "LessOrEqual")
                       .Case("gt", "Greater")
                       .Case("ge", "GreaterOrEqual")
                       .Default("Equal");
  OnnxValue truth = w.node(name, w.operands(op));
  if (predicate == "ne")
    truth = w.node("Not", {truth});
  bool isDouble = typeOf(op.getOutput()).getElementType().isF64();
  return w.give(op, w.node("Cast", {truth},
                           {{"to", isDouble ? kOnnxDouble : kOnnxFloat}}));
}

LogicalResult writeWhere(WhereOp op, OnnxWriter &w) {
  Value condition = op.getCondition();
  OnnxValue isZero =
      w.node("Equal", {w.value(condition), w.scalar(condition, 0)});
  return w.give(op, w.node("Where", {isZero, w.value(op.getRhs()),
                                     w.value(op.getLhs())}));
}

} // namespace

void addArithmeticOnnxForms(Registry &registry) {
  registry.onnx<SubOp>("Sub");
  registry.onnx<MulOp>("Mul");
  registry.onnx<DivOp>("Div");
  registry.onnx<MinimumOp>("Min");
  registry.onnx<MaximumOp>("Max");
  registry.onnx<PowOp>("Pow");
  registry.onnx<CompareOp>(writeCompare);
  registry.onnx<WhereOp>(writeWhere);
  registry.onnx<NegOp>("Neg");
  registry.onnx<AbsOp>("Abs");
  registry.onnx<SignOp>("Sign");
  registry.onnx<ExpOp>("Exp");
  registry.onnx<LogOp>("Log");
  registry.onnx<SqrtOp>("Sqrt");
  registry.onnx<ErfOp>("Erf");
  registry.onnx<ClampOp>(writeClamp);
}

} // namespace gradmill::nn
