// Shapes, constraints and cost of linear layers.
#include "Dense.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Dense.cpp.inc"

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

//===-- Linear ------------------------------------------------------------===//

static bool isMatrix(RankedTensorType type) {
  return type.getRank() == 2 && !type.isDynamicDim(1);
}

// Of two matrices of one element type, the first with N rows.
static LogicalResult checkMatrices(std::optional<Location> loc,
                                   RankedTensorType a, RankedTensorType b,
                                   StringRef expected) {
  if (!isMatrix(a) || !isMatrix(b))
    return violated(loc, "linear_c1", "operands are ", shapeText(a.getShape()),
                    " and ", shapeText(b.getShape()), ", expected ", expected);
  if (a.getElementType() != b.getElementType())
    return violated(loc, "linear_c4",
                    "operands differ in element type: ", a.getElementType(),
                    " and ", b.getElementType());
  return success();
}

LogicalResult LinearOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput()),
                   weight = typeOf(adaptor.getWeight());
  if (failed(checkMatrices(loc, input, weight, "[N, I] and [O, I]")))
    return failure();
  if (weight.isDynamicDim(0))
    return violated(loc, "linear_c1",
                    "only the batch dimension may be dynamic");
  if (weight.getDimSize(1) != input.getDimSize(1))
    return violated(loc, "linear_c2", "input has ", input.getDimSize(1),
                    " features, the weight expects ", weight.getDimSize(1));
  int64_t outputs = weight.getDimSize(0);
  if (Value bias = adaptor.getBias())
    if (typeOf(bias) != dense(input, {outputs}))
      return violated(loc, "linear_c3", "bias is ", bias.getType(),
                      ", expected ", dense(input, {outputs}));
  types.push_back(withShape(input, {input.getDimSize(0), outputs}));
  return success();
}

LogicalResult LinearBackwardDataOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  RankedTensorType cotangent = typeOf(adaptor.getCotangent()),
                   weight = typeOf(adaptor.getWeight());
  if (failed(checkMatrices(loc, cotangent, weight, "[N, O] and [O, I]")))
    return failure();
  if (cotangent.getDimSize(1) != weight.getDimSize(0))
    return violated(loc, "linear_c5", "the cotangent has ",
                    cotangent.getDimSize(1), " outputs, the weight ",
                    weight.getDimSize(0));
  types.push_back(
      withShape(cotangent, {cotangent.getDimSize(0), weight.getDimSize(1)}));
  return success();
}

LogicalResult LinearBackwardWeightsOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput()),
                   cotangent = typeOf(adaptor.getCotangent());
  if (failed(checkMatrices(loc, input, cotangent, "[N, I] and [N, O]")))
    return failure();
  if (cotangent.getDimSize(0) != input.getDimSize(0))
    return violated(loc, "linear_c5", "the cotangent has batch ",
                    shapeText(cotangent.getDimSize(0)), ", the input ",
                    shapeText(input.getDimSize(0)));
  types.push_back(dense(input, {cotangent.getDimSize(1), input.getDimSize(1)}));
  return success();
}

int64_t LinearOp::getMacs() {
  return typeOf(getInput()).getNumElements() *
         typeOf(getWeight()).getDimSize(0);
}
// No spatial dimension: it sees all features.
SmallVector<int64_t> LinearOp::getWindowExtent() { return {}; }
int64_t LinearBackwardDataOp::getMacs() {
  return typeOf(getCotangent()).getNumElements() *
         typeOf(getWeight()).getDimSize(1);
}
int64_t LinearBackwardWeightsOp::getMacs() {
  return typeOf(getInput()).getNumElements() *
         typeOf(getCotangent()).getDimSize(1);
}
