#include "nn/Advice.h"
#include "nn/LayerName.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace gradmill::nn {

std::optional<double> EpochRecord::get(StringRef name) const {
  auto it = values.find(name);
  return it == values.end() ? std::nullopt : std::optional<double>(it->second);
}

Advisor::Advisor(FunctionOpInterface graph, Question question)
    : function(graph), question(std::move(question)),
      fields(graph.getFunctionBody().front()) {
  Block &block = graph.getFunctionBody().front();
  llvm::StringSet<> seen;
  for (Operation &op : block) {
    if (auto parameter = dyn_cast<ParameterOp>(op)) {
      if (parameter.isTrainable() && seen.insert(parameter.getName()).second)
        allParameters += ShapedType::getNumElements(
            cast<RankedTensorType>(parameter.getType()).getShape());
    } else if (op.getNumResults() && !isa<ConstantOp>(op)) {
      ops.push_back(&op);
    }
  }
  results.assign(block.getTerminator()->operand_begin(),
                 block.getTerminator()->operand_end());
  for (Value output : results)
    behind[output] = 0;
  for (Operation *op : llvm::reverse(ops))
    for (Value result : op->getResults()) {
      auto it = behind.find(result);
      if (it == behind.end())
        continue;
      int64_t count = it->second + (isMixing(op) ? 1 : 0);
      for (Value operand : op->getOperands()) {
        auto [known, isNew] = behind.try_emplace(operand, count);
        if (!isNew)
          known->second = std::min(known->second, count);
      }
    }
}

LayerKind Advisor::kindOf(Operation *op) {
  auto kind = dyn_cast_or_null<LayerKindInterface>(op);
  return kind ? kind.getLayerKind() : LayerKind::Other;
}

bool Advisor::isMixing(Operation *op) {
  return hasKind(kindOf(op), LayerKind::SpatialMixing | LayerKind::ChannelMixing);
}

std::string Advisor::nameOf(Operation *op) {
  std::string name = layerNameOf(op);
  StringRef kind = op->getName().getStringRef();
  kind.consume_front("nn.");
  if (name.empty() || StringRef(name).ends_with("."))
    return kind.str();
  // "linear1" says what it is.
  return StringRef(name).starts_with(kind) ? name : kind.str() + " " + name;
}

SmallVector<Value> Advisor::dataOf(Operation *op) {
  SmallVector<Value> data;
  for (Value operand : op->getOperands())
    if (!isa_and_nonnull<ParameterOp, ConstantOp>(operand.getDefiningOp()))
      data.push_back(operand);
  return data;
}

Operation *Advisor::onlyUser(Value value) {
  return value.hasOneUse() ? *value.getUsers().begin() : nullptr;
}

std::optional<int64_t> Advisor::layersBehind(Value value) const {
  auto it = behind.find(value);
  return it == behind.end() ? std::nullopt : std::optional<int64_t>(it->second);
}

ArrayRef<int64_t> Advisor::shapeOf(Value value) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape();
  return shape.empty() ? shape : shape.drop_front();
}

int64_t Advisor::pixelsOf(Value value) {
  ArrayRef<int64_t> shape = shapeOf(value);
  return shape.empty() ? 1 : ShapedType::getNumElements(shape.drop_front());
}

int64_t Advisor::parametersOf(Operation *op) {
  int64_t count = 0;
  for (Value operand : op->getOperands())
    if (auto parameter = operand.getDefiningOp<ParameterOp>();
        parameter && parameter.isTrainable())
      count += cast<RankedTensorType>(operand.getType()).getNumElements();
  return count;
}

void Advisor::report(Operation *op, std::string reason, std::string fix) {
  std::string name = layerNameOf(op);
  found.push_back({rule, placeOf(op), StringRef(name).rtrim('.').str(),
                   std::move(reason), std::move(fix)});
}

void Advisor::report(Location place, std::string reason, std::string fix) {
  found.push_back({rule, place, "", std::move(reason), std::move(fix)});
}

void Advisor::report(std::string reason, std::string fix) {
  found.push_back({rule, std::nullopt, "", std::move(reason), std::move(fix)});
}

void Advisor::ask(const std::string &name,
                  const std::function<void(Advisor &)> &check) {
  rule = name;
  check(*this);
  rule.clear();
}

} // namespace gradmill::nn
