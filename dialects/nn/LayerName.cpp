#include "nn/LayerName.h"

using namespace mlir;

namespace gradmill::nn {

std::string layerNameOf(Operation *op) {
  // A format without names numbers its ops: "net.json:op#3".
  if (auto named = dyn_cast<NameLoc>(op->getLoc()))
    if (!named.getName().getValue().contains(":op#"))
      return named.getName().str();
  std::string first;
  for (Value operand : op->getOperands()) {
    auto parameter = operand.getDefiningOp<ParameterOp>();
    if (!parameter)
      continue;
    StringRef layer = parameter.getName().rsplit('.').first;
    std::string name = layer.empty() ? parameter.getName().str() : layer.str();
    if (parameter.isTrainable())
      return name;
    if (first.empty())
      first = name;
  }
  return first;
}

Location placeOf(Operation *op) {
  if (auto place = op->getLoc()->findInstanceOf<FileLineColLoc>())
    return place;
  return op->getLoc();
}

} // namespace gradmill::nn
