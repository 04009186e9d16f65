// Shapes, constraints and cost of linear layers.
#include "Dense.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Dense.cpp.inc"

//===-- Linear ------------------------------------------------------------===//

// At least one row: [N, ..., K], static but for N.
static bool hasRows(RankedTensorType type) {
  return type.getRank() >= 2 &&
         !ShapedType::isDynamicShape(type.getShape().drop_front());
}
static int64_t featuresOf(RankedTensorType type) {
  return type.getShape().back();
}
// `type` with another number of features.
static RankedTensorType withFeatures(RankedTensorType type, int64_t features) {
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = features;
  return withShape(type, shape);
}

// Rows of one element type, or rows and a matrix.
static LogicalResult checkRows(std::optional<Location> loc, RankedTensorType a,
                               RankedTensorType b, bool isMatrix,
                               StringRef expected) {
  if (!hasRows(a) || !hasRows(b) || (isMatrix && b.getRank() != 2))
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
  if (failed(checkRows(loc, input, weight, /*isMatrix=*/true,
                       "[N, ..., I] and [O, I]")))
    return failure();
  if (weight.isDynamicDim(0))
    return violated(loc, "linear_c1",
                    "only the batch dimension may be dynamic");
  if (weight.getDimSize(1) != featuresOf(input))
    return violated(loc, "linear_c2", "input has ", featuresOf(input),
                    " features, the weight expects ", weight.getDimSize(1));
  int64_t outputs = weight.getDimSize(0);
  if (Value bias = adaptor.getBias())
    if (typeOf(bias) != dense(input, {outputs}))
      return violated(loc, "linear_c3", "bias is ", bias.getType(),
                      ", expected ", dense(input, {outputs}));
  types.push_back(withFeatures(input, outputs));
  return success();
}

LogicalResult LinearBackwardDataOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  RankedTensorType cotangent = typeOf(adaptor.getCotangent()),
                   weight = typeOf(adaptor.getWeight());
  if (failed(checkRows(loc, cotangent, weight, /*isMatrix=*/true,
                       "[N, ..., O] and [O, I]")))
    return failure();
  if (featuresOf(cotangent) != weight.getDimSize(0))
    return violated(loc, "linear_c5", "the cotangent has ",
                    featuresOf(cotangent), " outputs, the weight ",
                    weight.getDimSize(0));
  types.push_back(withFeatures(cotangent, weight.getDimSize(1)));
  return success();
}

LogicalResult LinearBackwardWeightsOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  RankedTensorType input = typeOf(adaptor.getInput()),
                   cotangent = typeOf(adaptor.getCotangent());
  if (failed(checkRows(loc, input, cotangent, /*isMatrix=*/false,
                       "[N, ..., I] and [N, ..., O]")))
    return failure();
  ArrayRef<int64_t> rows = input.getShape().drop_back(),
                    others = cotangent.getShape().drop_back();
  if (rows != others)
    return violated(loc, "linear_c5", "the cotangent has the rows ",
                    shapeText(others), ", the input ", shapeText(rows));
  types.push_back(dense(input, {featuresOf(cotangent), featuresOf(input)}));
  return success();
}

int64_t LinearOp::getMacs() {
  return typeOf(getInput()).getNumElements() *
         typeOf(getWeight()).getDimSize(0);
}
// [N, I] has no spatial dimension: it sees all features. A position sees its
// own features.
SmallVector<int64_t> LinearOp::getWindowExtent() {
  return SmallVector<int64_t>(typeOf(getInput()).getRank() - 2, 1);
}
LayerKind LinearOp::getLayerKind() { return LayerKind::ChannelMixing; }
bool LinearOp::addsBias() { return getBias() != nullptr; }
int64_t LinearBackwardDataOp::getMacs() {
  return typeOf(getCotangent()).getNumElements() *
         typeOf(getWeight()).getDimSize(1);
}
int64_t LinearBackwardWeightsOp::getMacs() {
  return typeOf(getInput()).getNumElements() *
         featuresOf(typeOf(getCotangent()));
}

//===-- As a layer: linear(10) ----------------------------------------------===//

LogicalResult LinearOp::describeLayer(Layer &layer) {
  RankedTensorType input = layer.input();
  if (!hasRows(input))
    return violated(layer.loc(), "linear_c1", "the input is ",
                    shapeText(input.getShape()), ", expected [N, ..., I]");
  std::optional<int64_t> outputs;
  if (auto given = layer.givenShape("weight"); given && given->size() == 2)
    outputs = given->front();
  auto features = layer.size("features", outputs);
  if (failed(features))
    return failure();
  int64_t inputs = featuresOf(input);
  layer.parameter({"weight", {*features, inputs}});
  // As in PyTorch: from the range of the weights.
  if (layer.has("bias"))
    layer.parameter({"bias",
                     {*features},
                     StringAttr::get(input.getContext(), "kaiming_uniform"),
                     inputs});
  return success();
}

SmallVector<LayerSize> LinearOp::getLayerSizes() {
  return {{"features", {typeOf(getWeight()).getDimSize(0)}}};
}
