// Shapes, adjoints, formulas, and the sums and maxima in linalg.
#include "Reduce.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Reduce.cpp.inc"

//===-- Shapes ------------------------------------------------------------===//

LogicalResult
gradmill::nn::inferReduced(std::optional<Location> loc, Value input,
                           ArrayRef<int64_t> axes, bool keepDims,
                           SmallVectorImpl<Type> &types) {
  RankedTensorType type = typeOf(input);
  FailureOr<SmallVector<int64_t>> along = axesOf(loc, "reduce_c1", type, axes);
  if (failed(along))
    return failure();
  if (along->empty())
    return violated(loc, "reduce_c1", "axes is empty, expected at least one");
  SmallVector<int64_t> shape;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    bool reduced = llvm::is_contained(*along, d);
    if (reduced &&
        failed(checkKeepsBatch(loc, "reduce_c2", type, d, "reduces")))
      return failure();
    if (!reduced)
      shape.push_back(type.getDimSize(d));
    else if (keepDims)
      shape.push_back(1);
  }
  types.push_back(dense(type, shape));
  return success();
}

SmallVector<int64_t> gradmill::nn::axesFromFront(Value input,
                                                 ArrayRef<int64_t> axes) {
  return *axesOf(std::nullopt, "", typeOf(input), axes);
}

namespace {
// Where the dimensions of a reduced tensor lie in one of `rank`.
SmallVector<int64_t> remaining(ArrayRef<int64_t> axes, bool keepDims,
                               int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t d = 0; d < rank; ++d)
    if (keepDims || !llvm::is_contained(axes, d))
      result.push_back(d);
  return result;
}

template <typename Op> SmallVector<int64_t> axesOfOp(Op op) {
  return axesFromFront(op.getInput(), op.getAxes());
}
} // namespace

LogicalResult ReduceBackwardOp::inferReturnTypes(MLIRContext *,
                                                 std::optional<Location> loc,
                                                 Adaptor adaptor,
                                                 SmallVectorImpl<Type> &types) {
  RankedTensorType cotangent = typeOf(adaptor.getCotangent());
  ArrayRef<int64_t> axes = adaptor.getAxes(), sizes = adaptor.getSizes();
  bool keeps = adaptor.getKeepDims();
  int64_t rank = cotangent.getRank() + (keeps ? 0 : int64_t(axes.size()));
  bool fits = axes.size() == sizes.size() && !axes.empty() &&
              llvm::is_sorted(axes, std::less_equal<>()) && axes[0] >= 0 &&
              axes.back() < rank &&
              llvm::all_of(sizes, [](int64_t size) { return size > 0; });
  SmallVector<int64_t> shape(fits ? rank : 0);
  if (fits) {
    for (auto [i, d] : llvm::enumerate(remaining(axes, keeps, rank)))
      shape[d] = cotangent.getDimSize(i);
    for (auto [axis, size] : llvm::zip_equal(axes, sizes)) {
      fits &= !keeps || cotangent.getDimSize(axis) == 1;
      shape[axis] = size;
    }
  }
  if (!fits)
    return violated(loc, "reduce_c3", "axes [", axes, "] of sizes [", sizes,
                    "] do not fit a cotangent of ",
                    shapeText(cotangent.getShape()));
  types.push_back(withShape(cotangent, shape));
  return success();
}

LogicalResult ReduceMaxMaskOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location>,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

LogicalResult
ReduceMaxBackwardOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getMask().getType());
  return success();
}

SmallVector<int64_t> ReduceBackwardOp::getOperandAxes(unsigned) {
  return remaining(getAxes(), getKeepDims(), typeOf(getOutput()).getRank());
}
SmallVector<int64_t> ReduceMaxMaskOp::getOperandAxes(unsigned operand) {
  return operand == 0 ? axesByRank(*this, 0)
                      : remaining(getAxes(), getKeepDims(),
                                  typeOf(getOutput()).getRank());
}
SmallVector<int64_t> ReduceMaxBackwardOp::getOperandAxes(unsigned operand) {
  return operand == 0 ? axesByRank(*this, 0)
                      : remaining(getAxes(), getKeepDims(),
                                  typeOf(getOutput()).getRank());
}

//===-- Adjoints ----------------------------------------------------------===//

namespace {
template <typename Op> Value repeated(Gradient &g, Op op, Value cotangent) {
  SmallVector<int64_t> axes = axesOfOp(op);
  SmallVector<int64_t> sizes = llvm::map_to_vector(
      axes, [&](int64_t d) { return typeOf(op.getInput()).getDimSize(d); });
  return ReduceBackwardOp::create(g.builder, g.loc(), cotangent, axes, sizes,
                                  op.getKeepDims());
}

// 1 over the number of elements of a mean.
double share(ReduceMeanOp op) {
  double count = 1;
  for (int64_t axis : axesOfOp(op))
    count *= double(typeOf(op.getInput()).getDimSize(axis));
  return 1 / count;
}

Value scaled(OpBuilder &b, Location loc, Value x, double factor) {
  return WeightedSumOp::create(b, loc, ValueRange{x}, ArrayRef<double>{factor});
}
} // namespace

LogicalResult ReduceSumOp::buildGradient(Gradient &g) {
  g.set(0, repeated(g, *this, g.cotangent()));
  return success();
}

LogicalResult ReduceMeanOp::buildGradient(Gradient &g) {
  g.set(0, repeated(g, *this,
                    scaled(g.builder, g.loc(), g.cotangent(), share(*this))));
  return success();
}

LogicalResult ReduceMaxOp::buildGradient(Gradient &g) {
  SmallVector<int64_t> axes = axesOfOp(*this);
  Value mask = ReduceMaxMaskOp::create(g.builder, g.loc(), getInput(),
                                       getOutput(), axes, getKeepDims());
  Value count =
      ReduceSumOp::create(g.builder, g.loc(), mask, axes, getKeepDims());
  g.set(0, ReduceMaxBackwardOp::create(g.builder, g.loc(), mask, g.cotangent(),
                                       count, axes, getKeepDims()));
  return success();
}

//===-- In linalg, as formulas --------------------------------------------===//

namespace {
// The input's elements, combined along axes.
template <typename Op, typename Combine>
Value reduction(OpBuilder &b, Op op, double init, Combine combine) {
  Location loc = op.getLoc();
  RankedTensorType type = typeOf(op.getInput()), result = typeOf(op.getOutput());
  SmallVector<int64_t> axes = axesOfOp(op);
  // Parallel loops first, those over the result's dimensions.
  SmallVector<AffineExpr> at(type.getRank());
  SmallVector<utils::IteratorType> loops(result.getRank(),
                                         utils::IteratorType::parallel);
  for (auto [i, d] : llvm::enumerate(
           remaining(axes, op.getKeepDims(), type.getRank())))
    at[d] = b.getAffineDimExpr(i);
  for (int64_t axis : axes) {
    at[axis] = b.getAffineDimExpr(loops.size());
    loops.push_back(utils::IteratorType::reduction);
  }
  Value first = arith::ConstantOp::create(
      b, loc, b.getFloatAttr(type.getElementType(), init));
  Value empty = tensor::EmptyOp::create(b, loc, result.getShape(),
                                        result.getElementType());
  Value filled = linalg::FillOp::create(b, loc, first, empty).getResult(0);
  unsigned count = loops.size();
  return linalg::GenericOp::create(
             b, loc, result, op.getInput(), filled,
             ArrayRef<AffineMap>{
                 AffineMap::get(count, 0, at, b.getContext()),
                 // Rank 0 if all is reduced.
                 AffineMap::get(count, 0,
                                llvm::map_to_vector(
                                    llvm::seq<unsigned>(0, result.getRank()),
                                    [&](unsigned d) {
                                      return b.getAffineDimExpr(d);
                                    }),
                                b.getContext())},
             loops,
             [&](OpBuilder &inner, Location loc, ValueRange args) {
               linalg::YieldOp::create(inner, loc,
                                       combine(inner, loc, args[1], args[0]));
             })
      .getResult(0);
}
} // namespace

LogicalResult ReduceSumOp::toLinalg(OpBuilder &b,
                                    SmallVectorImpl<Value> &values) {
  values.push_back(reduction(
      b, *this, 0, [](OpBuilder &b, Location loc, Value sum, Value x) -> Value {
        return arith::AddFOp::create(b, loc, sum, x);
      }));
  return success();
}

LogicalResult ReduceMaxOp::toLinalg(OpBuilder &b,
                                    SmallVectorImpl<Value> &values) {
  values.push_back(reduction(
      b, *this, -INFINITY,
      [](OpBuilder &b, Location loc, Value most, Value x) -> Value {
        return arith::MaximumFOp::create(b, loc, most, x);
      }));
  return success();
}

LogicalResult ReduceMeanOp::expand(RewriterBase &rewriter) {
  Value sum = ReduceSumOp::create(rewriter, getLoc(), getInput(), getAxes(),
                                  getKeepDims());
  rewriter.replaceOp(*this, scaled(rewriter, getLoc(), sum, share(*this)));
  return success();
}

void ReduceBackwardOp::emitElement(OpBuilder &, Location, ValueRange operands,
                                   SmallVectorImpl<Value> &results) {
  results.push_back(operands[0]);
}

void ReduceMaxMaskOp::emitElement(OpBuilder &b, Location loc,
                                  ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Emitter e(b, loc);
  Type type = operands[0].getType();
  Value isMost = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ,
                                       operands[0], operands[1]);
  results.push_back(arith::SelectOp::create(
      b, loc, isMost, e.constant(type, 1), e.constant(type, 0)));
}

// If all are NaN there is no maximum: 0 * dy / 0, which is NaN as well.
void ReduceMaxBackwardOp::emitElement(OpBuilder &b, Location loc,
                                      ValueRange operands,
                                      SmallVectorImpl<Value> &results) {
  Value share = arith::DivFOp::create(b, loc, operands[1], operands[2]);
  results.push_back(arith::MulFOp::create(b, loc, operands[0], share));
}

//===-- References --------------------------------------------------------===//

namespace {
// Calls `visit(element of the whole, element of the reduced one)`.
void eachPair(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes,
              llvm::function_ref<void(size_t, size_t)> visit) {
  SmallVector<int64_t> kept(shape);
  for (int64_t axis : axes)
    kept[axis] = 1;
  RefTensor reduced{ArrayRef<int64_t>(kept)};
  BroadcastReader at(reduced, shape);
  for (int64_t i = 0, n = RefTensor::numElements(shape); i < n; ++i)
    visit(i, at.offset(i));
}
} // namespace

LogicalResult ReduceSumOp::evaluate(ArrayRef<const RefTensor *> in,
                                    MutableArrayRef<RefTensor> out) {
  std::vector<long double> sums(out[0].data.size());
  eachPair(in[0]->shape, axesOfOp(*this),
           [&](size_t i, size_t r) { sums[r] += in[0]->data[i]; });
  llvm::copy(sums, out[0].data.begin());
  return success();
}

LogicalResult ReduceMeanOp::evaluate(ArrayRef<const RefTensor *> in,
                                     MutableArrayRef<RefTensor> out) {
  std::vector<long double> sums(out[0].data.size());
  eachPair(in[0]->shape, axesOfOp(*this),
           [&](size_t i, size_t r) { sums[r] += in[0]->data[i]; });
  for (size_t r = 0; r < sums.size(); ++r)
    out[0].data[r] = double(sums[r] * out[0].data.size() / in[0]->data.size());
  return success();
}

LogicalResult ReduceMaxOp::evaluate(ArrayRef<const RefTensor *> in,
                                    MutableArrayRef<RefTensor> out) {
  std::fill(out[0].data.begin(), out[0].data.end(), -INFINITY);
  eachPair(in[0]->shape, axesOfOp(*this), [&](size_t i, size_t r) {
    double x = in[0]->data[i], &most = out[0].data[r];
    if (std::isnan(x) || x > most)
      most = x;
  });
  return success();
}

LogicalResult ReduceBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                         MutableArrayRef<RefTensor> out) {
  eachPair(out[0].shape, getAxes(), [&](size_t i, size_t r) {
    out[0].data[i] = in[0]->data[r];
  });
  return success();
}

LogicalResult ReduceMaxMaskOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  eachPair(out[0].shape, getAxes(), [&](size_t i, size_t r) {
    out[0].data[i] = in[0]->data[i] == in[1]->data[r];
  });
  return success();
}

LogicalResult ReduceMaxBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                            MutableArrayRef<RefTensor> out) {
  eachPair(out[0].shape, getAxes(), [&](size_t i, size_t r) {
    out[0].data[i] = in[0]->data[i] * (in[1]->data[r] / in[2]->data[r]);
  });
  return success();
}
