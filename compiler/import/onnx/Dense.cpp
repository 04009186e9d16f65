// Products of matrices, and tables that numbers look things up in.
#include "Node.h"

using namespace mlir;

namespace gradmill::onnx {
namespace {

// A bias [O], whatever it is repeated from; none if it is another kind of sum.
bool isBias(const Constant *numbers, int64_t size) {
  return numbers && numbers->isFloat && int64_t(numbers->size()) == size &&
         (numbers->shape.size() == 1 || (numbers->shape.size() == 2 && numbers->shape[0] == 1));
}

// alpha * A' * B' + beta * C. With a weight B it is a linear layer, whose weight
// is [out, in].
LogicalResult convertGemm(Node &node) {
  double alpha = node.number("alpha", 1), beta = node.number("beta", 1);
  bool flipA = node.whole("transA", 0), flipB = node.whole("transB", 0);
  if (node.opset() < 7)
    node.ignore("broadcast"); // of C, which goes without saying since
  auto a = node.value(0);
  if (failed(a))
    return failure();
  const Constant *b = node.constant(1), *c = node.constant(2);
  MaybeValue y = failure();
  bool hasBias = node.has(2);
  if (b && b->shape.size() == 2 && !flipA && alpha == 1) {
    auto weight = node.weight(1, {}, /*isTransposed=*/!flipB);
    if (failed(weight))
      return failure();
    SmallVector<Value> operands{*a, *weight};
    int64_t out = typeOf(*weight).getDimSize(0);
    if (hasBias && beta == 1 && isBias(c, out)) {
      auto bias = node.weight(2, {out});
      if (failed(bias))
        return failure();
      operands.push_back(*bias);
      hasBias = false;
    }
    y = node.create("linear", operands);
  } else {
    auto other = node.weight(1);
    if (failed(other))
      return failure();
    Attributes attributes = node.attributes();
    y = node.create("matmul", {*a, *other}, attributes.flag("transpose_lhs", flipA).flag("transpose_rhs", flipB));
    if (succeeded(y) && alpha != 1) {
      auto factor = node.scalar(alpha);
      y = succeeded(factor) ? node.create("mul", {*y, *factor}) : factor;
    }
  }
  if (failed(y) || !hasBias || beta == 0)
    return node.give(y);
  auto sum = node.value(2);
  if (succeeded(sum) && beta != 1) {
    auto factor = node.scalar(beta);
    sum = succeeded(factor) ? node.create("mul", {*sum, *factor}) : factor;
  }
  return succeeded(sum) ? node.give(node.create("add", {*y, *sum})) : failure();
}

// With a matrix of weights, and perhaps a bias that is added behind, it is a
// linear layer.
LogicalResult convertMatMul(Node &node) {
  auto a = node.value(0);
  if (failed(a))
    return failure();
  const Constant *b = node.constant(1);
  if (!b || b->shape.size() != 2 || rankOf(*a) < 2 || !node.isWeight(1)) {
    auto other = node.value(1);
    return succeeded(other) ? node.give(node.create("matmul", {*a, *other})) : failure();
  }
  auto weight = node.weight(1, {}, /*isTransposed=*/true);
  if (failed(weight))
    return failure();
  const Entry *found = nullptr;
  auto sum = node.takeBias(typeOf(*weight).getDimSize(0), found);
  if (!sum)
    return node.give(node.create("linear", {*a, *weight}));
  auto bias = node.parameterOf(*found);
  auto y = succeeded(bias) ? node.create("linear", {*a, *weight, *bias}) : bias;
  return succeeded(y) ? node.giveAs(*sum, *y) : failure();
}

// Of a value, what known numbers ask for: a slice for each run.
LogicalResult gatherKnown(Node &node, const Constant &indices, int64_t axis) {
  auto x = node.value(0);
  if (failed(x))
    return failure();
  auto place = axisOf(axis, rankOf(*x));
  constexpr size_t kMaxPieces = 4096;
  if (!place || indices.isFloat || indices.shape.size() > 1 || indices.size() > kMaxPieces || !indices.size() ||
      typeOf(*x).isDynamicDim(*place))
    return node.error("onnx_value") << "only up to 4096 known numbers of one dimension, not of the batch, can be taken";
  int64_t size = typeOf(*x).getDimSize(*place);
  SmallVector<Value> pieces;
  for (size_t i = 0; i < indices.size();) {
    auto first = axisOf(indices.ints[i], size);
    size_t end = i + 1;
    while (first && end < indices.size() && axisOf(indices.ints[end], size) == *first + int64_t(end - i))
      ++end;
    if (!first)
      return node.error("onnx_value") << "element " << indices.ints[i] << " of " << size << " is taken";
    auto piece = node.create("slice", *x, node.attributes().ints("axes", *place).ints("starts", *first)
                                              .ints("ends", *first + int64_t(end - i)));
    if (failed(piece))
      return failure();
    pieces.push_back(*piece);
    i = end;
  }
  MaybeValue y = pieces.size() == 1 ? MaybeValue(pieces.front())
                                    : node.create("concat", pieces, node.attributes().whole("axis", *place));
  if (failed(y) || !indices.shape.empty())
    return node.give(y);
  Sizes shape(typeOf(*y).getShape());
  shape.erase(shape.begin() + *place);
  if (hasBatch(*y))
    shape[0] = 0;
  return node.give(node.create("reshape", *y, node.attributes().ints("shape", shape)));
}

LogicalResult convertGather(Node &node) {
  int64_t axis = node.whole("axis", 0);
  if (const Constant *indices = node.constant(1))
    return gatherKnown(node, *indices, axis);
  const Constant *table = node.constant(0);
  auto indices = node.anyValue(1);
  if (failed(indices))
    return failure();
  if (!table || table->shape.size() != 2 || axis != 0)
    return node.error("onnx_value") << "numbers of the data look up rows of a table of weights alone";
  auto weight = node.weight(0);
  return succeeded(weight) ? node.give(node.create("embedding", {*indices, *weight})) : failure();
}

} // namespace

ArrayRef<Operator> denseOperators() {
  static constexpr Operator kOperators[] = {{"Gemm", convertGemm}, {"MatMul", convertMatMul}, {"Gather", convertGather}};
  return kOperators;
}

} // namespace gradmill::onnx
