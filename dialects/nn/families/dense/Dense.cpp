// Shapes, constraints, cost and simplification of linear, flatten and
// unflatten.
#include "Dense.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Dense.cpp.inc"

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

//===-- Flatten, unflatten ------------------------------------------------===//

LogicalResult FlattenOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput());
  int64_t features = -1;
  if (input.getRank() >= 2)
    features = countElements(input.getShape().drop_front()).value_or(-1);
  if (features < 0)
    return violated(loc, "flatten_c1", "input is ", shapeText(input.getShape()),
                    ", expected [N, C, ...] where only N may be dynamic");
  types.push_back(withShape(input, {input.getDimSize(0), features}));
  return success();
}

LogicalResult UnflattenOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput());
  if (input.getRank() != 2)
    return violated(loc, "unflatten_c1", "input is ",
                    shapeText(input.getShape()), ", expected [N, K]");
  ArrayRef<int64_t> target = adaptor.getShape();
  if (target.empty() || input.isDynamicDim(1) ||
      countElements(target) != input.getDimSize(1))
    return violated(loc, "unflatten_c2", "shape is [", shapeText(target),
                    "], expected ", input.getDimSize(1), " elements");
  SmallVector<int64_t> shape{input.getDimSize(0)};
  llvm::append_range(shape, target);
  types.push_back(withShape(input, shape));
  return success();
}

// A row [C] stays one only where there is no space to move into it.
Meaning FlattenOp::getMeaning() {
  bool isPixel = llvm::all_of(
      cast<RankedTensorType>(getInput().getType()).getShape().drop_front(2),
      [](int64_t extent) { return extent == 1; });
  return isPixel ? meaningOf(getInput()) : Meaning::Scores;
}

OpFoldResult FlattenOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  auto inner =
      getInput().getDefiningOp<UnflattenOp>(); // takes [N, K], as we give
  return inner ? inner.getInput() : Value();
}

OpFoldResult UnflattenOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  auto inner = getInput().getDefiningOp<FlattenOp>();
  return inner && inner.getInput().getType() == getType() ? inner.getInput()
                                                          : Value();
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
