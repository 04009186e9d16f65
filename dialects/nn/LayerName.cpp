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

// One step at a time and a limited number of them: locations nest as deep as a
// file wants.
Location placeOf(Operation *op) {
  Location place = op->getLoc();
  for (int step = 0; step < 64; ++step) {
    if (auto range = dyn_cast<FileLineColRange>(place))
      return FileLineColLoc::get(range.getFilename(), range.getStartLine(),
                                 range.getStartColumn());
    if (auto named = dyn_cast<NameLoc>(place))
      place = named.getChildLoc();
    else if (auto call = dyn_cast<CallSiteLoc>(place))
      place = call.getCallee();
    else if (auto fused = dyn_cast<FusedLoc>(place);
             fused && !fused.getLocations().empty())
      place = fused.getLocations().front();
    else
      break;
  }
  return op->getLoc();
}

} // namespace gradmill::nn
