// embedding: shapes, the adjoint, and both in naive loops.
#include "Embedding.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Embedding.cpp.inc"

//===-- Shapes ------------------------------------------------------------===//

static LogicalResult checkRows(std::optional<Location> loc, int64_t rows) {
  if (rows >= 1 && rows <= INT32_MAX)
    return success();
  return violated(loc, "embedding_c1", "the table has ", shapeText(rows),
                  " rows, expected 1 to 2^31 - 1");
}

LogicalResult EmbeddingOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  RankedTensorType indices = typeOf(adaptor.getIndices()),
                   table = typeOf(adaptor.getTable());
  if (table.getRank() != 2 || !table.hasStaticShape())
    return violated(loc, "embedding_c1", "the table is ",
                    shapeText(table.getShape()), ", expected [V, D]");
  if (failed(checkRows(loc, table.getDimSize(0))))
    return failure();
  ArrayRef<int64_t> shape = indices.getShape();
  if (shape.empty() || ShapedType::isDynamicShape(shape.drop_front()))
    return violated(loc, "embedding_c2", "the indices are ", shapeText(shape),
                    ", expected [N, ...] where only N may be dynamic");
  SmallVector<int64_t> rows(shape);
  rows.push_back(table.getDimSize(1));
  types.push_back(RankedTensorType::get(rows, table.getElementType(),
                                        indices.getEncoding()));
  return success();
}

LogicalResult EmbeddingBackwardOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  RankedTensorType cotangent = typeOf(adaptor.getCotangent()),
                   indices = typeOf(adaptor.getIndices());
  int64_t rows = adaptor.getRows();
  if (failed(checkRows(loc, rows)))
    return failure();
  ArrayRef<int64_t> shape = cotangent.getShape();
  if (shape.size() < 2 || shape.drop_back() != indices.getShape() ||
      ShapedType::isDynamic(shape.back()))
    return violated(loc, "embedding_c3", "the cotangent is ", shapeText(shape),
                    ", the indices are ", shapeText(indices.getShape()),
                    ", expected them and D");
  types.push_back(dense(cotangent, {rows, shape.back()}));
  return success();
}

// Indices have no cotangent.
int64_t EmbeddingOp::getIndexLimit(unsigned index) {
  return index == 0 ? cast<RankedTensorType>(getTable().getType()).getDimSize(0)
                    : 0;
}

LogicalResult EmbeddingOp::buildGradient(Gradient &g) {
  if (g.needs(1))
    g.set(1, EmbeddingBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                         getIndices(),
                                         typeOf(getTable()).getDimSize(0)));
  return success();
}

//===-- References --------------------------------------------------------===//

// Calls `visit(row, i)` for each index i.
static void forEachRow(const RefTensor &indices, int64_t rows,
                       llvm::function_ref<void(int64_t, int64_t)> visit) {
  for (auto [i, index] : llvm::enumerate(indices.data))
    visit(std::clamp<int64_t>(int64_t(index), 0, rows - 1), i);
}

LogicalResult EmbeddingOp::evaluate(ArrayRef<const RefTensor *> in,
                                    MutableArrayRef<RefTensor> out) {
  int64_t width = in[1]->dim(1);
  forEachRow(*in[0], in[1]->dim(0), [&](int64_t row, int64_t i) {
    for (int64_t d = 0; d < width; ++d)
      out[0].data[i * width + d] = in[1]->at({row, d});
  });
  return success();
}

LogicalResult EmbeddingBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                            MutableArrayRef<RefTensor> out) {
  int64_t width = out[0].dim(1);
  forEachRow(*in[1], out[0].dim(0), [&](int64_t row, int64_t i) {
    for (int64_t d = 0; d < width; ++d)
      out[0].at({row, d}) += in[0]->data[i * width + d];
  });
  return success();
}

//===-- As a layer: embedding(1000, 64) -------------------------------------===//

LogicalResult EmbeddingOp::describeLayer(Layer &layer) {
  std::optional<int64_t> rows, width;
  if (auto given = layer.givenShape("weight"); given && given->size() == 2) {
    rows = given->front();
    width = given->back();
  }
  auto words = layer.size("words", rows);
  if (failed(words))
    return failure();
  auto features = layer.size("features", width);
  if (failed(features))
    return failure();
  // N(0, 1), as PyTorch's.
  layer.parameter({"weight",
                   {*words, *features},
                   StringAttr::get(layer.input().getContext(), "kaiming_normal"),
                   /*fanIn=*/2});
  return success();
}

SmallVector<LayerSize> EmbeddingOp::getLayerSizes() {
  RankedTensorType table = typeOf(getTable());
  return {{"words", {table.getDimSize(0)}}, {"features", {table.getDimSize(1)}}};
}
