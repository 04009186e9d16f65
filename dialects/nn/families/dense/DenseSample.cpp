// Linear layers and products for random graphs (nn/Sampler.h).
#include "DenseSample.h"
#include "nn/Sampler.h"

using namespace mlir;

namespace gradmill::nn {

// The rows of an image are its last dimension.
static Value weightOf(Sampler &s) {
  return s.parameter({s.channels(), s.shape().back()});
}

static Value sampleLinear(Sampler &s) {
  Value weight = weightOf(s);
  SmallVector<Value> operands{s.input(), weight};
  if (s.chance(60))
    operands.push_back(s.parameter(
        cast<RankedTensorType>(weight.getType()).getShape().take_front()));
  return s.add("nn.linear", operands);
}

static Value sampleLinearBackwardData(Sampler &s) {
  Value weight = weightOf(s);
  Value output = s.add("nn.linear", {s.input(), weight});
  return output ? s.add("nn.linear_backward_data", {output, weight}) : Value();
}

// Its result is a weight, by which the input is multiplied.
static Value sampleLinearBackwardWeights(Sampler &s) {
  Value weight = weightOf(s);
  Value output = s.add("nn.linear", {s.input(), weight});
  Value made = output ? s.add("nn.linear_backward_weights", {s.input(), output})
                      : Value();
  return made ? s.add("nn.linear", {s.input(), made}) : Value();
}

static Value addMatmul(Sampler &s, Value lhs, Value rhs, bool transposeLhs,
                       bool transposeRhs) {
  return s.add("nn.matmul", {lhs, rhs},
               {s.flag("transpose_lhs", transposeLhs),
                s.flag("transpose_rhs", transposeRhs)});
}

// Products of products would soon be too large for f32.
static bool isProduct(Value v) {
  SmallVector<Value> rest{v};
  llvm::SmallPtrSet<Operation *, 32> seen;
  while (!rest.empty()) {
    Operation *op = rest.pop_back_val().getDefiningOp();
    if (!op || !seen.insert(op).second)
      continue;
    if (op->getName().getStringRef() == "nn.matmul" &&
        !op->getOperand(0).getDefiningOp<ParameterOp>() &&
        !op->getOperand(1).getDefiningOp<ParameterOp>())
      return true;
    llvm::append_range(rest, op->getOperands());
  }
  return false;
}

// With a matrix without a batch on either side, one for all channels or one for
// each; or with another image.
static Value sampleMatmul(Sampler &s) {
  bool transposeLhs = s.isImage() && s.chance(30), transposeRhs = s.chance(50);
  int64_t kind = s.isImage() ? s.below(3) : 0;
  if (kind == 2) {
    Value other = s.sameType(s.input().getType());
    if (!other || isProduct(s.input()) || isProduct(other))
      return {};
    return addMatmul(s, s.input(), other, transposeLhs, !transposeLhs);
  }
  int64_t rank = s.shape().size(), rows = s.shape()[rank - 2],
          columns = s.shape()[rank - 1], made = s.channels();
  SmallVector<int64_t> shape;
  if (s.isImage() && s.chance(30))
    shape.push_back(s.chance(50) ? s.shape()[1] : 1);
  auto matrix = [&](int64_t m, int64_t n, bool transposed) {
    shape.push_back(transposed ? n : m);
    shape.push_back(transposed ? m : n);
    return s.parameter(shape);
  };
  if (kind == 1)
    return addMatmul(s,
                     matrix(made, transposeRhs ? columns : rows, transposeLhs),
                     s.input(), transposeLhs, transposeRhs);
  return addMatmul(s, s.input(),
                   matrix(transposeLhs ? rows : columns, made, transposeRhs),
                   transposeLhs, transposeRhs);
}

void addDenseSamples(Registry &registry) {
  registry.sample("nn.linear", sampleLinear, 2);
  registry.sample("nn.matmul", sampleMatmul, 2);
  registry.sample("nn.linear_backward_data", sampleLinearBackwardData);
  registry.sample("nn.linear_backward_weights", sampleLinearBackwardWeights);
}

} // namespace gradmill::nn
