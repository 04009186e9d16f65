#include "Arithmetic.h"
#include "ArithmeticOnnx.h"
#include "nn/Registry.h"
#include "nn/Sampler.h"

using namespace gradmill::nn;

// With the current value: another value, or a parameter; one is repeated to the
// other's shape, or both are.
static mlir::Value other(Sampler &s) {
  llvm::SmallVector<int64_t> shape(s.shape());
  if (s.chance(40))
    if (mlir::Value same = s.sameType(s.input().getType()))
      return same;
  shape.erase(shape.begin(), shape.begin() + s.between(1, int64_t(shape.size())));
  for (int64_t &size : shape)
    if (s.chance(40))
      size = 1;
  return s.parameter(shape);
}

template <typename Op> static void binary(gradmill::Registry &registry) {
  registry.sample(Op::getOperationName().str(), [](Sampler &s) {
    llvm::SmallVector<mlir::Value> operands{s.input(), other(s)};
    if (s.chance(30))
      std::swap(operands[0], operands[1]);
    return s.add(Op::getOperationName(), operands);
  });
}

GRADMILL_PLUGIN(arithmetic) {
  registry.ops<SubOp, MulOp, DivOp, MinimumOp, MaximumOp, PowOp, PowBackwardBaseOp, PowBackwardExponentOp,
               CompareOp, WhereOp, NegOp, AbsOp, SignOp, ExpOp, LogOp, SqrtOp, ErfOp, ClampOp,
               ClampBackwardOp>();
  registry.sign('-', "nn.sub");
  registry.sign('*', "nn.mul");
  registry.sign('/', "nn.div");
  registry.alsoCalled("nn.mul", {"multiply", "scale"});
  registry.alsoCalled("nn.sub", {"subtract", "minus"});
  registry.alsoCalled("nn.div", {"divide"});
  registry.alsoCalled("nn.clamp", {"clip", "hardtanh", "hard_tanh"});
  registry.alsoCalled("nn.pow", {"power", "square"});
  registry.alsoCalled("nn.minimum", {"min"});
  registry.alsoCalled("nn.maximum", {"max"});
  binary<SubOp>(registry);
  binary<MulOp>(registry);
  binary<MinimumOp>(registry);
  binary<MaximumOp>(registry);
  registry.sample("nn.clamp", [](Sampler &s) {
    return s.add("nn.clamp", s.input(), {s.real("min", -1), s.real("max", double(s.between(-1, 4)))});
  });
  // Other ops by a formula that avoids poles and overflow.
  registry.sample("nn.div", [](Sampler &s) {
    mlir::Value square = s.add("nn.mul", {s.input(), s.input()});
    mlir::Value least = s.add("nn.clamp", square, {s.real("min", 0.5)});
    return s.add("nn.div", {s.input(), least});
  });
  registry.sample("nn.pow", [](Sampler &s) {
    mlir::Value base = s.add("nn.clamp", s.input(), {s.real("min", 0.25), s.real("max", 4)});
    mlir::Value exponent = s.add("nn.clamp", other(s), {s.real("min", -2), s.real("max", 2)});
    return s.add("nn.pow", {base, exponent});
  });
  registry.sample("nn.sqrt", [](Sampler &s) {
    mlir::Value least = s.add("nn.clamp", s.input(), {s.real("min", 0.125)});
    return s.add("nn.sqrt", least);
  });
  registry.sample("nn.log", [](Sampler &s) {
    mlir::Value least = s.add("nn.clamp", s.input(), {s.real("min", 0.125)});
    return s.add("nn.log", least);
  });
  registry.sample("nn.exp", [](Sampler &s) {
    mlir::Value most = s.add("nn.clamp", s.input(), {s.real("max", 2)});
    return s.add("nn.exp", most);
  });
  registry.sample("nn.where", [](Sampler &s) {
    mlir::Value condition =
        s.add("nn.compare", {s.input(), other(s)},
              {s.builder().getNamedAttr("predicate", s.builder().getStringAttr(s.chance(50) ? "gt" : "le"))});
    return condition ? s.add("nn.where", {condition, s.input(), other(s)}) : mlir::Value();
  });
  addArithmeticOnnxForms(registry);
}
