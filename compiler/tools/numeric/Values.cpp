#include "compiler/tools/numeric/Values.h"
#include "compiler/autodiff/Ports.h"

using namespace mlir;

namespace gradmill::numeric {

using nn::RefTensor;

RefTensor randomTensor(RankedTensorType type, Random &random, int64_t max) {
  RefTensor t(type.getShape());
  for (double &v : t.data) {
    if (isa<IntegerType>(type.getElementType()))
      v = double(random.below(max));
    else
      v = type.getElementType().isF32() ? double(float(random.uniform()))
                                        : random.uniform();
  }
  return t;
}

static int64_t limitOf(func::FuncOp func, BlockArgument arg) {
  for (StringRef name : {StringRef("nn.max"), StringRef(kClassesAttr)})
    if (auto max = func.getArgAttrOfType<IntegerAttr>(arg.getArgNumber(), name);
        max && max.getInt() > 0)
      return max.getInt();
  int64_t limit = 0;
  for (OpOperand &use : arg.getUses())
    if (auto index = dyn_cast<nn::IndexInterface>(use.getOwner()))
      if (int64_t own = index.getIndexLimit(use.getOperandNumber()))
        limit = limit ? std::min(limit, own) : own;
  return limit ? limit : 10;
}

static RefTensor drawArgument(func::FuncOp func, BlockArgument arg,
                              Random &random) {
  unsigned number = arg.getArgNumber();
  auto type = cast<RankedTensorType>(arg.getType());
  RefTensor t = randomTensor(type, random, limitOf(func, arg));
  if (func.getArgAttr(number, "nn.positive"))
    for (double &v : t.data)
      v = std::fabs(v) + 0.25;
  // Targets of a loss, such as probabilities.
  if (auto range = func.getArgAttrOfType<ArrayAttr>(number, kRangeAttr);
      range && range.size() == 2)
    for (double &v : t.data) {
      double low = cast<FloatAttr>(range[0]).getValueAsDouble(),
             high = cast<FloatAttr>(range[1]).getValueAsDouble();
      if (std::isfinite(low) && std::isfinite(high))
        v = double(float(low + (v + 1) / 2 * (high - low)));
    }
  // Far from zero: -1 to 1 around the attribute nn.offset.
  if (auto offset = func.getArgAttrOfType<FloatAttr>(number, "nn.offset"))
    for (double &v : t.data) {
      v += offset.getValueAsDouble();
      if (type.getElementType().isF32())
        v = float(v);
    }
  return t;
}

static double scaleOf(nn::ParameterOp op) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(op.getType()).getShape();
  if (op.roleOrDefault() != "parameter" || shape.size() < 2)
    return 1;
  int64_t fanIn = RefTensor::numElements(shape.drop_front());
  if (auto given = op.getFanInAttr())
    fanIn = given.getInt();
  return std::sqrt(3 / double(std::max<int64_t>(fanIn, 1)));
}

Inputs draw(func::FuncOp func, Random &random, bool scaled) {
  Inputs in;
  for (BlockArgument arg : func.getArguments())
    in.arguments.push_back(drawArgument(func, arg, random));
  func.walk([&](nn::ParameterOp op) {
    auto type = cast<RankedTensorType>(op.getType());
    RefTensor t = randomTensor(type, random);
    // A variance, or a mean of squares.
    bool positive =
        op.getName().contains("var") || op.getName().ends_with("/second");
    double scale = scaled ? scaleOf(op) : 1;
    for (double &v : t.data) {
      v = positive ? std::fabs(v) + 0.25 : v * scale;
      if (type.getElementType().isF32())
        v = float(v);
    }
    in.state[op.getName().str()] = std::move(t);
  });
  return in;
}

Values valuesOf(const Inputs &inputs) {
  Values values;
  for (auto [i, value] : llvm::enumerate(inputs.arguments))
    values.inputs["arg" + std::to_string(i)] = value;
  values.state = inputs.state;
  return values;
}

} // namespace gradmill::numeric
