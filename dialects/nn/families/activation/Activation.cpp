// Shapes, attributes and gradients of activations. Formulas.h has the formulas,
// Activation.td what all activations share.
#include "Activation.h"
#include "Formulas.h"

using namespace mlir;
using namespace gradmill::nn;

static LogicalResult checkFinite(std::optional<Location> loc, StringRef label,
                                 StringRef name, const APFloat &value) {
  if (value.isFinite())
    return success();
  return violated(loc, label, name, " is ", value.convertToDouble(),
                  ", expected a finite number");
}

static LogicalResult checkSoftplus(std::optional<Location> loc,
                                   const APFloat &beta,
                                   const APFloat &threshold) {
  if (failed(checkFinite(loc, "softplus_c1", "beta", beta)) ||
      failed(checkFinite(loc, "softplus_c1", "threshold", threshold)))
    return failure();
  if (beta.isZero())
    return violated(loc, "softplus_c1", "beta is 0");
  return success();
}

static LogicalResult checkApproximate(std::optional<Location> loc,
                                      StringRef approximate) {
  if (approximate == "none" || approximate == "tanh")
    return success();
  return violated(loc, "gelu_c1", "approximate is \"", approximate,
                  "\", expected \"none\" or \"tanh\"");
}

static bool isNegative(const APFloat &value) { return asDouble(value) < 0; }

// The op "nn.X_backward" with the attributes of "nn.X", on the cotangent and
// the value that the adjoint reads.
static Value buildAdjoint(Operation *op, Value saved, Gradient &g) {
  OperationState state(g.loc(),
                       (op->getName().getStringRef() + "_backward").str());
  state.addOperands({g.cotangent(), saved});
  state.addTypes(saved.getType());
  for (StringAttr name : op->getName().getAttributeNames())
    if (std::optional<Attribute> value = op->getInherentAttr(name);
        value && *value)
      state.addAttribute(name, *value);
  return g.builder.create(state)->getResult(0);
}

#define GET_OP_CLASSES
#include "Activation.cpp.inc"

// relu(relu(x)) = relu(x)
OpFoldResult ReluOp::fold(FoldAdaptor) {
  return getInput().getDefiningOp<ReluOp>() ? getInput() : Value();
}
