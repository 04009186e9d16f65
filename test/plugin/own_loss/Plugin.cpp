// An op and a loss that say what they give and take, as built-in ones do, and a
// pass that breaks a rule of the runtime, for graphs with a parameter "spoil".
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nn/NNDialect.h"
#include "nn/Registry.h"
#define GET_OP_CLASSES
#include "OwnLoss.h.inc"
#define GET_OP_CLASSES
#include "OwnLoss.cpp.inc"

using namespace mlir;
using namespace gradmill::nn;

LogicalResult PromiseOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location>,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

Meaning PromiseOp::getMeaning() { return Meaning::LogProbabilities; }

LogicalResult PromiseOp::buildGradient(Gradient &g) {
  g.set(0, g.cotangent());
  return success();
}

void PromiseOp::emitElement(OpBuilder &, Location, ValueRange operands,
                            SmallVectorImpl<Value> &results) {
  results.push_back(operands[0]);
}

LogicalResult PromiseOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  out[0] = *in[0];
  return success();
}

namespace {
struct Spoil : PassWrapper<Spoil, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Spoil)
  StringRef getName() const override { return "Spoil"; }
  StringRef getArgument() const override { return "spoil"; }
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (find(func, "nn.state", "spoil"))
        if (auto output = find(func, "nn.name", "output"))
          func.setArgAttr(*output, "nn.name",
                          StringAttr::get(&getContext(), "spoilt"));
  }
  static std::optional<unsigned> find(func::FuncOp func, StringRef attribute,
                                      StringRef text) {
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      if (auto name = func.getArgAttrOfType<StringAttr>(i, attribute);
          name && name.getValue() == text)
        return i;
    return std::nullopt;
  }
};
} // namespace

GRADMILL_PLUGIN(own_loss) {
  registry.ops<PromiseOp>();
  registry.passAfter(gradmill::Stage::Vector, "spoil",
                     [] { return std::make_unique<Spoil>(); });
  registry.transform(
      {"shrink",
       "times a number",
       {{"by", 0.5, 0, 1, "factor"}},
       [](gradmill::TransformContext &t, MutableArrayRef<Value> gradients) {
         for (Value &gradient : gradients)
           gradient = WeightedSumOp::create(
               t.builder, t.loc, ValueRange{gradient},
               ArrayRef<double>{t.options.number("by")});
         return success();
       }});
  gradmill::Loss loss;
  loss.name = "of_probabilities";
  loss.target = [](Location, RankedTensorType prediction,
                   const gradmill::OptionValues &) -> FailureOr<gradmill::TargetSpec> {
    auto i32 = IntegerType::get(prediction.getContext(), 32);
    return gradmill::TargetSpec{
        "label", RankedTensorType::get({prediction.getDimSize(0)}, i32),
        prediction.getDimSize(1)};
  };
  loss.build = [](gradmill::CriterionContext &c) {
    OperationState state(c.loc, "nn.nll_loss", {c.prediction, c.target},
                         RankedTensorType::get({}, c.builder.getF32Type()));
    return c.builder.create(state)->getResult(0);
  };
  loss.takes = {Meaning::Probabilities};
  loss.fix = "end the graph in nn.softmax";
  registry.loss(loss);
}
