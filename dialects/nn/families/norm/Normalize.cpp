// normalize: mean, variance and the formula that applies them, in both
// directions. The variance is that of the distances from the mean, so it is
// exact for values far from zero.
#include "Normalize.h"
#include "Norm.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nn/Axes.h"
#include <cmath>

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Normalize.cpp.inc"

//===-- Shapes ------------------------------------------------------------===//

// `type` with size 1 along axes.
static RankedTensorType alongAxes(RankedTensorType type,
                                  ArrayRef<int64_t> axes) {
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t axis : axes)
    shape[axis] = 1;
  return dense(type, shape);
}

LogicalResult NormalizeOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  RankedTensorType type = typeOf(adaptor.getInput());
  FailureOr<SmallVector<int64_t>> axes =
      axesOf(loc, "normalize_c1", type, adaptor.getAxes());
  if (failed(axes))
    return failure();
  if (axes->empty())
    return violated(loc, "normalize_c1", "axes is empty, expected at least one");
  for (int64_t axis : *axes)
    if (failed(checkKeepsBatch(loc, "normalize_c2", type, axis,
                               "takes mean and variance over")))
      return failure();
  double eps = adaptor.getEps().convertToDouble();
  if (!(eps > 0) || !std::isfinite(eps))
    return violated(loc, "normalize_c3", "eps is ", eps,
                    ", expected a positive number");
  types.push_back(type);
  return success();
}

// Axes that the compiler made.
static LogicalResult inferAlong(std::optional<Location> loc, Value input,
                                ArrayRef<int64_t> given,
                                SmallVectorImpl<Type> &types) {
  FailureOr<SmallVector<int64_t>> axes =
      axesOf(loc, "normalize_c1", typeOf(input), given);
  if (failed(axes))
    return failure();
  types.push_back(alongAxes(typeOf(input), *axes));
  return success();
}

LogicalResult NormalizeRstdOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location> loc,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  return inferAlong(loc, adaptor.getInput(), adaptor.getAxes(), types);
}
LogicalResult AxisMeanOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  if (adaptor.getInputs().empty())
    return violated(loc, "normalize_c1", "there is no input");
  return inferAlong(loc, adaptor.getInputs().front(), adaptor.getAxes(), types);
}
LogicalResult AxisVarianceOp::inferReturnTypes(MLIRContext *,
                                               std::optional<Location> loc,
                                               Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  return inferAlong(loc, adaptor.getInput(), adaptor.getAxes(), types);
}
LogicalResult
NormalizeBackwardOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getCotangent().getType());
  return success();
}

//===-- What it consists of -----------------------------------------------===//

static SmallVector<int64_t> ascending(NormalizeOp op) {
  return *axesOf(std::nullopt, "", typeOf(op.getInput()), op.getAxes());
}

// Mean and variance are of all along the axes.
SmallVector<int64_t> NormalizeOp::getWindowExtent() {
  return windowAlong(getType(), ascending(*this));
}
SmallVector<int64_t> NormalizeOp::getWindowStride() {
  return windowStrideAlong(getType(), ascending(*this));
}

// Along space alone each channel has a mean of its own.
LayerKind NormalizeOp::getLayerKind() {
  SmallVector<int64_t> axes = ascending(*this);
  int64_t rank = typeOf(getInput()).getRank();
  bool isEachChannel = rank > 2 && axes.front() == 2 &&
                       int64_t(axes.size()) == rank - 2;
  return isEachChannel ? LayerKind::Norm | LayerKind::ChannelNorm
                       : LayerKind::Norm;
}

LogicalResult NormalizeOp::buildGradient(Gradient &g) {
  SmallVector<int64_t> axes = ascending(*this);
  Value rstd = NormalizeRstdOp::create(g.builder, g.loc(), getInput(), axes,
                                       getEps());
  g.set(0, NormalizeBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                       getOutput(), rstd, axes));
  return success();
}

// The adjoint computes the same as the op; cse merges the two.
static std::pair<Value, Value> statistics(RewriterBase &b, Location loc,
                                          Value x, ArrayRef<int64_t> axes,
                                          APFloat eps) {
  Value mean = AxisMeanOp::create(b, loc, ValueRange{x}, axes);
  Value variance = AxisVarianceOp::create(b, loc, x, mean, axes);
  return {mean, RstdOp::create(b, loc, variance, eps)};
}

LogicalResult NormalizeOp::expand(RewriterBase &b) {
  auto [mean, rstd] =
      statistics(b, getLoc(), getInput(), ascending(*this), getEps());
  b.replaceOpWithNewOp<CenterScaleOp>(*this, getInput(), mean, rstd);
  return success();
}

LogicalResult NormalizeRstdOp::expand(RewriterBase &b) {
  b.replaceOp(*this, statistics(b, getLoc(), getInput(), getAxes(),
                                getEps())
                         .second);
  return success();
}

LogicalResult NormalizeBackwardOp::expand(RewriterBase &b) {
  Value mean = AxisMeanOp::create(b, getLoc(), ValueRange{getCotangent()},
                                  getAxes());
  Value product = AxisMeanOp::create(
      b, getLoc(), ValueRange{getCotangent(), getOutput()}, getAxes());
  b.replaceOpWithNewOp<NormalizeBackwardInputOp>(
      *this, getCotangent(), getOutput(), mean, product, getRstd());
  return success();
}

//===-- In linalg ---------------------------------------------------------===//

namespace {
// How many elements a mean along axes is of.
double countAlong(RankedTensorType type, ArrayRef<int64_t> axes) {
  double count = 1;
  for (int64_t axis : axes)
    count *= double(type.getDimSize(axis));
  return count;
}

// The mean along axes of `term`, applied to the inputs' elements. An input has
// the common shape, or size 1 along the axes.
Value meanOf(OpBuilder &b, Location loc, ValueRange inputs,
             ArrayRef<int64_t> axes,
             llvm::function_ref<Value(OpBuilder &, Location, ValueRange)> term) {
  RankedTensorType type = typeOf(inputs.front()),
                   result = alongAxes(type, axes);
  Type element = type.getElementType();
  int64_t rank = type.getRank(), loops = rank + int64_t(axes.size());
  SmallVector<AffineMap> maps;
  for (Value input : inputs) {
    SmallVector<AffineExpr> at;
    for (int64_t d = 0; d < rank; ++d) {
      auto axis = llvm::find(axes, d);
      if (axis == axes.end())
        at.push_back(b.getAffineDimExpr(d));
      else if (typeOf(input).getDimSize(d) == 1)
        at.push_back(b.getAffineConstantExpr(0));
      else
        at.push_back(b.getAffineDimExpr(rank + (axis - axes.begin())));
    }
    maps.push_back(AffineMap::get(loops, 0, at, b.getContext()));
  }
  maps.push_back(AffineMap::getMultiDimIdentityMap(loops, b.getContext())
                     .getMajorSubMap(rank));
  SmallVector<utils::IteratorType> kinds(rank, utils::IteratorType::parallel);
  kinds.append(axes.size(), utils::IteratorType::reduction);
  auto number = [&](double value) {
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(element, value));
  };
  Value empty =
      tensor::EmptyOp::create(b, loc, result.getShape(), element);
  Value zeros =
      linalg::FillOp::create(b, loc, ValueRange{number(0)}, ValueRange{empty})
          .getResult(0);
  Value sum =
      linalg::GenericOp::create(
          b, loc, result, inputs, zeros, maps, kinds,
          [&](OpBuilder &inner, Location loc, ValueRange args) {
            Value sum = arith::AddFOp::create(
                inner, loc, args.back(), term(inner, loc, args.drop_back()));
            linalg::YieldOp::create(inner, loc, sum);
          })
          .getResult(0);
  Value share = number(1 / countAlong(type, axes));
  AffineMap same = b.getMultiDimIdentityMap(rank);
  return linalg::GenericOp::create(
             b, loc, result, sum, empty, ArrayRef<AffineMap>{same, same},
             SmallVector<utils::IteratorType>(rank,
                                              utils::IteratorType::parallel),
             [&](OpBuilder &inner, Location loc, ValueRange args) {
               Value mean = arith::MulFOp::create(inner, loc, args[0], share);
               linalg::YieldOp::create(inner, loc, mean);
             })
      .getResult(0);
}

// Axes with more than one element, the only ones with a sum.
SmallVector<int64_t> realAxes(RankedTensorType type, ArrayRef<int64_t> axes) {
  return llvm::to_vector(llvm::make_filter_range(
      axes, [&](int64_t axis) { return type.getDimSize(axis) != 1; }));
}
} // namespace

LogicalResult AxisMeanOp::toLinalg(OpBuilder &b,
                                   SmallVectorImpl<Value> &values) {
  values.push_back(meanOf(
      b, getLoc(), getInputs(),
      realAxes(typeOf(getInputs().front()), getAxes()),
      [](OpBuilder &b, Location loc, ValueRange args) -> Value {
        return args.size() == 1
                   ? args[0]
                   : arith::MulFOp::create(b, loc, args[0], args[1]);
      }));
  return success();
}

LogicalResult AxisVarianceOp::toLinalg(OpBuilder &b,
                                       SmallVectorImpl<Value> &values) {
  values.push_back(
      meanOf(b, getLoc(), {getInput(), getMean()},
             realAxes(typeOf(getInput()), getAxes()),
             [](OpBuilder &b, Location loc, ValueRange args) -> Value {
               Value d = arith::SubFOp::create(b, loc, args[0], args[1]);
               return arith::MulFOp::create(b, loc, d, d);
             }));
  return success();
}

//===-- Formulas ----------------------------------------------------------===//

void CenterScaleOp::emitElement(OpBuilder &b, Location loc, ValueRange operands,
                                SmallVectorImpl<Value> &results) {
  Value distance = arith::SubFOp::create(b, loc, operands[0], operands[1]);
  results.push_back(arith::MulFOp::create(b, loc, distance, operands[2]));
}

void NormalizeBackwardInputOp::emitElement(OpBuilder &b, Location loc,
                                           ValueRange operands,
                                           SmallVectorImpl<Value> &results) {
  Value moved = arith::SubFOp::create(b, loc, operands[0], operands[2]);
  Value along = arith::MulFOp::create(b, loc, operands[1], operands[3]);
  results.push_back(arith::MulFOp::create(
      b, loc, arith::SubFOp::create(b, loc, moved, along), operands[4]));
}

//===-- References --------------------------------------------------------===//

namespace {
// The means along axes of `term(i)`, with size 1 along them.
std::vector<long double> means(const RefTensor &like, ArrayRef<int64_t> axes,
                               llvm::function_ref<double(size_t)> term,
                               llvm::function_ref<size_t(size_t)> at) {
  double count = 1;
  for (int64_t axis : axes)
    count *= double(like.dim(axis));
  std::vector<long double> sums(size_t(like.data.size() / count));
  for (size_t i = 0; i < like.data.size(); ++i)
    sums[at(i)] += term(i);
  for (long double &sum : sums)
    sum /= count;
  return sums;
}

// Mean and 1 / sqrt(variance + eps) along axes.
struct Statistics {
  Statistics(const RefTensor &x, ArrayRef<int64_t> axes, double eps)
      : shape(keptShape(x, axes)), reader(shape, x.shape) {
    auto at = [&](size_t i) { return reader.offset(i); };
    mean = means(x, axes, [&](size_t i) { return x.data[i]; }, at);
    auto square = [&](size_t i) {
      double d = x.data[i] - double(mean[at(i)]);
      return d * d;
    };
    for (long double variance : means(x, axes, square, at))
      rstd.push_back(1 / std::sqrt(double(variance) + eps));
  }
  static RefTensor keptShape(const RefTensor &x, ArrayRef<int64_t> axes) {
    SmallVector<int64_t> kept(x.shape);
    for (int64_t axis : axes)
      kept[axis] = 1;
    return RefTensor{ArrayRef<int64_t>(kept)};
  }
  RefTensor shape;
  BroadcastReader reader;
  std::vector<long double> mean;
  std::vector<double> rstd;
};
} // namespace

LogicalResult NormalizeOp::evaluate(ArrayRef<const RefTensor *> in,
                                    MutableArrayRef<RefTensor> out) {
  Statistics s(*in[0], ascending(*this), getEps().convertToDouble());
  for (size_t i = 0; i < out[0].data.size(); ++i) {
    size_t at = s.reader.offset(i);
    out[0].data[i] = (in[0]->data[i] - double(s.mean[at])) * s.rstd[at];
  }
  return success();
}

LogicalResult NormalizeRstdOp::evaluate(ArrayRef<const RefTensor *> in,
                                        MutableArrayRef<RefTensor> out) {
  out[0].data = Statistics(*in[0], getAxes(), getEps().convertToDouble()).rstd;
  return success();
}

LogicalResult NormalizeBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                            MutableArrayRef<RefTensor> out) {
  const std::vector<double> &dy = in[0]->data, &y = in[1]->data;
  BroadcastReader rstd(*in[2], in[0]->shape);
  auto at = [&](size_t i) { return rstd.offset(i); };
  auto mean = means(*in[0], getAxes(), [&](size_t i) { return dy[i]; }, at);
  auto product =
      means(*in[0], getAxes(), [&](size_t i) { return dy[i] * y[i]; }, at);
  for (size_t i = 0; i < dy.size(); ++i)
    out[0].data[i] =
        rstd[i] * double(dy[i] - mean[at(i)] - y[i] * product[at(i)]);
  return success();
}

LogicalResult AxisMeanOp::evaluate(ArrayRef<const RefTensor *> in,
                                   MutableArrayRef<RefTensor> out) {
  BroadcastReader reader(out[0], in[0]->shape);
  llvm::copy(means(*in[0], getAxes(),
                   [&](size_t i) {
                     return in[0]->data[i] *
                            (in.size() > 1 ? in[1]->data[i] : 1);
                   },
                   [&](size_t i) { return reader.offset(i); }),
             out[0].data.begin());
  return success();
}

LogicalResult AxisVarianceOp::evaluate(ArrayRef<const RefTensor *> in,
                                       MutableArrayRef<RefTensor> out) {
  BroadcastReader mean(*in[1], in[0]->shape);
  llvm::copy(means(*in[0], getAxes(),
                   [&](size_t i) {
                     double d = in[0]->data[i] - mean[i];
                     return d * d;
                   },
                   [&](size_t i) { return mean.offset(i); }),
             out[0].data.begin());
  return success();
}

LogicalResult CenterScaleOp::evaluate(ArrayRef<const RefTensor *> in,
                                      MutableArrayRef<RefTensor> out) {
  BroadcastReader mean(*in[1], out[0].shape), rstd(*in[2], out[0].shape);
  for (size_t i = 0; i < out[0].data.size(); ++i)
    out[0].data[i] = (in[0]->data[i] - mean[i]) * rstd[i];
  return success();
}

LogicalResult
NormalizeBackwardInputOp::evaluate(ArrayRef<const RefTensor *> in,
                                   MutableArrayRef<RefTensor> out) {
  BroadcastReader mean(*in[2], out[0].shape), product(*in[3], out[0].shape),
      rstd(*in[4], out[0].shape);
  for (size_t i = 0; i < out[0].data.size(); ++i)
    out[0].data[i] =
        (in[0]->data[i] - mean[i] - in[1]->data[i] * product[i]) * rstd[i];
  return success();
}
