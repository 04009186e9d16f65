// Reads files with an older version of its op.
#include "nn/Formula.h"
#include "nn/Registry.h"
#define GET_OP_CLASSES
#include "Versioned.h.inc"
#define GET_OP_CLASSES
#include "Versioned.cpp.inc"

using namespace mlir;
using namespace gradmill::nn;

LogicalResult VersionedOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  types.push_back(op.getInput().getType());
  return success();
}
void VersionedOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                              SmallVectorImpl<Value> &results) {
  Numbers in(b, loc, operands);
  results.push_back(getSlope().convertToDouble() * in[0]);
}
LogicalResult VersionedOp::evaluate(ArrayRef<const RefTensor *> in, MutableArrayRef<RefTensor> out) {
  double slope = getSlope().convertToDouble();
  return evaluateEach(in, out, [=](double x) { return slope * x; });
}

static LogicalResult upgrade(uint32_t from, OperationState &op) {
  auto factor = dyn_cast_or_null<FloatAttr>(op.attributes.erase("factor"));
  if (from != 1 || !factor)
    return emitError(op.location) << "[versioned] version 1 of nn.versioned has a factor";
  op.addAttribute("slope", FloatAttr::get(factor.getType(), factor.getValueAsDouble() / 100));
  return success();
}

GRADMILL_PLUGIN(versioned) {
  registry.ops<VersionedOp>();
  registry.opVersion("nn.versioned", 2, upgrade);
}
