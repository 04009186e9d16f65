// matmul: shapes, adjoints, its description in linalg, and the naive reference.
// The loops of linalg_nest put the batch into the lanes and keep a tile of the
// product in registers.
#include "Dense.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nn/Axes.h"

using namespace mlir;
using namespace gradmill::nn;

//===-- Shapes ------------------------------------------------------------===//

namespace {
// An operand's dimensions: the leading ones, its rows or columns, which stay,
// and the summed one.
struct Factor {
  ArrayRef<int64_t> shape;
  unsigned kept, summed;
  ArrayRef<int64_t> front() const { return shape.drop_back(2); }
};
} // namespace

static Factor lhsOf(ArrayRef<int64_t> shape, bool transposed) {
  unsigned last = shape.size() - 1;
  return {shape, last - !transposed, last - transposed};
}
static Factor rhsOf(ArrayRef<int64_t> shape, bool transposed) {
  unsigned last = shape.size() - 1;
  return {shape, last - transposed, last - !transposed};
}

LogicalResult MatmulOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  RankedTensorType lhs = typeOf(adaptor.getLhs()),
                   rhs = typeOf(adaptor.getRhs());
  if (lhs.getRank() < 2 || rhs.getRank() < 2 ||
      lhs.getElementType() != rhs.getElementType())
    return violated(loc, "matmul_c1", "operands are ", lhs, " and ", rhs,
                    ", expected two dimensions or more and one element type");
  Factor a = lhsOf(lhs.getShape(), adaptor.getTransposeLhs()),
         b = rhsOf(rhs.getShape(), adaptor.getTransposeRhs());
  if (failed(checkKeepsBatch(loc, "matmul_c4", lhs, a.summed, "sums over")) ||
      failed(checkKeepsBatch(loc, "matmul_c4", rhs, b.summed, "sums over")))
    return failure();
  if (a.shape[a.summed] != b.shape[b.summed])
    return violated(loc, "matmul_c2", "the sum is over ", a.shape[a.summed],
                    " elements of the one and ", b.shape[b.summed],
                    " of the other operand");
  auto shape = broadcastShape(a.front(), b.front());
  if (!shape)
    return violated(loc, "matmul_c3", "in front are ", shapeText(a.front()),
                    " and ", shapeText(b.front()),
                    ", expected the same sizes, or 1");
  shape->append({a.shape[a.kept], b.shape[b.kept]});
  if (ShapedType::isDynamicShape(ArrayRef<int64_t>(*shape).drop_front()))
    return violated(loc, "matmul_c4", "the result is ", shapeText(*shape),
                    ", expected the batch as dimension 0 alone");
  types.push_back(withShape(lhs, *shape));
  return success();
}

int64_t MatmulOp::getMacs() {
  Factor a = lhsOf(typeOf(getLhs()).getShape(), getTransposeLhs());
  return saturatingProduct(
      {typeOf(getOutput()).getNumElements(), a.shape[a.summed]});
}

//===-- Adjoints ----------------------------------------------------------===//

// With A and B as the product reads them: dA = dC * transpose(B), and dB =
// transpose(A) * dC. An operand that is stored transposed gets the transposed
// gradient.
LogicalResult MatmulOp::buildGradient(Gradient &g) {
  Value dy = g.cotangent(), a = getLhs(), b = getRhs();
  bool ta = getTransposeLhs(), tb = getTransposeRhs();
  auto product = [&](Value x, Value y, bool tx, bool ty) -> Value {
    return MatmulOp::create(g.builder, g.loc(), x, y, tx, ty);
  };
  if (g.needs(1)) {
    if (typeOf(b).getRank() == 2 && !ta) // a linear layer's weight
      g.set(1, LinearBackwardWeightsOp::create(g.builder, g.loc(), tb ? a : dy,
                                               tb ? dy : a));
    else
      g.set(1, sumLike(g.builder, g.loc(),
                       tb ? product(dy, a, true, ta)
                          : product(a, dy, !ta, false),
                       b));
  }
  if (g.needs(0))
    g.set(0, sumLike(g.builder, g.loc(),
                     ta ? product(b, dy, tb, true)
                        : product(dy, b, false, !tb),
                     a));
  return success();
}

//===-- In linalg ---------------------------------------------------------===//

// Loops: the result's dimensions, then the sum.
LogicalResult MatmulOp::toLinalg(OpBuilder &b, SmallVectorImpl<Value> &values) {
  RankedTensorType type = typeOf(getOutput());
  int64_t rank = type.getRank();
  auto mapOf = [&](const Factor &f, int64_t kept) {
    SmallVector<AffineExpr> at(f.shape.size());
    for (size_t d = 0, size = f.front().size(); d < size; ++d) {
      int64_t loop = rank - 2 - size + d;
      at[d] = f.shape[d] == type.getDimSize(loop) ? b.getAffineDimExpr(loop)
                                                  : b.getAffineConstantExpr(0);
    }
    at[f.kept] = b.getAffineDimExpr(kept);
    at[f.summed] = b.getAffineDimExpr(rank);
    return AffineMap::get(rank + 1, 0, at, getContext());
  };
  AffineMap lhs = mapOf(lhsOf(typeOf(getLhs()).getShape(), getTransposeLhs()),
                        rank - 2),
            rhs = mapOf(rhsOf(typeOf(getRhs()).getShape(), getTransposeRhs()),
                        rank - 1);
  AffineMap out = AffineMap::get(
      rank + 1, 0, b.getMultiDimIdentityMap(rank).getResults(), getContext());
  SmallVector<utils::IteratorType> kinds(rank, utils::IteratorType::parallel);
  kinds.push_back(utils::IteratorType::reduction);
  Location loc = getLoc();
  Value zero = arith::ConstantOp::create(
      b, loc, b.getFloatAttr(type.getElementType(), 0));
  Value empty =
      tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
  Value zeros = linalg::FillOp::create(b, loc, zero, empty).getResult(0);
  values.push_back(linalg::GenericOp::create(
                       b, loc, type, ValueRange{getLhs(), getRhs()}, zeros,
                       ArrayRef<AffineMap>{lhs, rhs, out}, kinds,
                       [](OpBuilder &b, Location loc, ValueRange args) {
                         Value product =
                             arith::MulFOp::create(b, loc, args[0], args[1]);
                         Value sum =
                             arith::AddFOp::create(b, loc, args[2], product);
                         linalg::YieldOp::create(b, loc, sum);
                       })
                       .getResult(0));
  return success();
}

//===-- Reference ---------------------------------------------------------===//

LogicalResult MatmulOp::evaluate(ArrayRef<const RefTensor *> in,
                                 MutableArrayRef<RefTensor> out) {
  Factor a = lhsOf(in[0]->shape, getTransposeLhs()),
         b = rhsOf(in[1]->shape, getTransposeRhs());
  RefTensor &c = out[0];
  int64_t rank = c.shape.size(), columns = c.dim(rank - 1),
          rows = c.dim(rank - 2);
  int64_t matrices = int64_t(c.data.size()) / (rows * columns);
  // The first element of matrix `number` of the result.
  auto matrixOf = [&](const RefTensor &t, const Factor &f, int64_t number) {
    int64_t offset = 0, stride = 1;
    SmallVector<int64_t> at(rank - 2);
    for (int64_t d = rank - 3; d >= 0; --d) {
      at[d] = number % c.dim(d);
      number /= c.dim(d);
    }
    stride = f.shape[f.kept] * f.shape[f.summed];
    int64_t size = f.front().size();
    for (int64_t d = size - 1; d >= 0; --d) {
      offset += (f.shape[d] == 1 ? 0 : at[rank - 2 - size + d]) * stride;
      stride *= f.shape[d];
    }
    return t.data.data() + offset;
  };
  int64_t sum = a.shape[a.summed];
  for (int64_t i = 0; i < matrices; ++i) {
    const double *x = matrixOf(*in[0], a, i), *y = matrixOf(*in[1], b, i);
    double *z = c.data.data() + i * rows * columns;
    for (int64_t m = 0; m < rows; ++m)
      for (int64_t e = 0; e < columns; ++e)
        for (int64_t k = 0; k < sum; ++k)
          z[m * columns + e] +=
              x[getTransposeLhs() ? k * rows + m : m * sum + k] *
              y[getTransposeRhs() ? e * sum + k : k * columns + e];
  }
  return success();
}
