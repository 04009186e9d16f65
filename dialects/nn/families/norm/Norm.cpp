// Batch normalization: shapes, modes, and its expansion into a reduction per
// channel and a formula per element, which fuse with their neighbours.
#include "Norm.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Norm.cpp.inc"

// Defaults may be absent as attributes.
static FloatAttr number(OpBuilder &b, const APFloat &value) {
  return b.getF64FloatAttr(value.convertToDouble());
}

static RankedTensorType channelType(Value input) {
  auto type = cast<RankedTensorType>(input.getType());
  return dense(type, {type.getDimSize(1)});
}

// Constraints shared by the layer and its parts.
static LogicalResult checkChannels(std::optional<Location> loc, Value input,
                                   ValueRange channels) {
  auto type = cast<RankedTensorType>(input.getType());
  if (type.getRank() < 2 || type.isDynamicDim(1))
    return violated(loc, "batch_norm_c1", "the input is ", type,
                    ", expected [N, C, ...]");
  for (Value v : channels)
    if (v.getType() != channelType(input))
      return violated(loc, "batch_norm_c2", "a per-channel operand is ",
                      v.getType(), ", expected ", channelType(input));
  return success();
}

// For an adjoint, whose operands are the cotangent, the input, and channels.
template <typename Adaptor>
static LogicalResult checkBackward(std::optional<Location> loc, Adaptor a) {
  auto shapeOf = [](Value v) {
    return cast<RankedTensorType>(v.getType()).getShape();
  };
  if (shapeOf(a.getCotangent()) != shapeOf(a.getInput()))
    return violated(loc, "batch_norm_c4", "the cotangent is ",
                    a.getCotangent().getType(), ", the input ",
                    a.getInput().getType(), ", expected one shape");
  return checkChannels(loc, a.getInput(), a.getOperands().drop_front(2));
}

// The variance of one value is 0, so the output would always be the bias.
static LogicalResult checkBatch(std::optional<Location> loc, Value input) {
  auto type = cast<RankedTensorType>(input.getType());
  if (!type.hasStaticShape() || type.getNumElements() > type.getDimSize(1))
    return success();
  return violated(loc, "batch_norm_c5", "in training the input is ", type,
                  ", which is one value per channel; expected more: train with "
                  "a larger --batch, or normalize where the image is larger");
}

//===-- Shapes ------------------------------------------------------------===//

LayerKind BatchNormOp::getLayerKind() {
  return LayerKind::Norm | LayerKind::ChannelNorm;
}

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor a,
                                            SmallVectorImpl<Type> &types) {
  if (failed(checkChannels(loc, a.getInput(), a.getOperands().drop_front())))
    return failure();
  double eps = a.getEps().convertToDouble(),
         momentum = a.getMomentum().convertToDouble();
  if (!(eps > 0) || !(momentum >= 0 && momentum <= 1))
    return violated(loc, "batch_norm_c3", "eps is ", eps, " and momentum ",
                    momentum,
                    ", expected a positive eps and a momentum in [0, 1]");
  types.push_back(a.getInput().getType());
  return success();
}

LogicalResult BatchNormTrainOp::inferReturnTypes(MLIRContext *,
                                                 std::optional<Location> loc,
                                                 Adaptor a,
                                                 SmallVectorImpl<Type> &types) {
  if (failed(checkChannels(loc, a.getInput(), a.getOperands().drop_front())) ||
      failed(checkBatch(loc, a.getInput())))
    return failure();
  types.push_back(a.getInput().getType());
  types.append(4, channelType(a.getInput()));
  return success();
}

LogicalResult BatchStatsOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> loc,
                                             Adaptor a,
                                             SmallVectorImpl<Type> &types) {
  if (failed(checkChannels(loc, a.getInput(), a.getOperands().drop_front())) ||
      failed(checkBatch(loc, a.getInput())))
    return failure();
  types.append(4, channelType(a.getInput()));
  return success();
}

LogicalResult ScaleShiftOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location>, Adaptor a,
                                             SmallVectorImpl<Type> &types) {
  types.append(2, a.getMean().getType());
  return success();
}

LogicalResult RstdOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                       Adaptor a,
                                       SmallVectorImpl<Type> &types) {
  types.push_back(a.getVariance().getType());
  return success();
}

LogicalResult ChannelAffineOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location> loc,
                                                Adaptor a,
                                                SmallVectorImpl<Type> &types) {
  types.push_back(a.getInput().getType());
  return checkChannels(loc, a.getInput(), a.getOperands().drop_front());
}

LogicalResult BatchNormBackwardSumsOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor a,
    SmallVectorImpl<Type> &types) {
  types.append(2, a.getMean().getType());
  return checkBackward(loc, a);
}

LogicalResult BatchNormBackwardInputOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor a,
    SmallVectorImpl<Type> &types) {
  types.push_back(a.getCotangent().getType());
  return checkBackward(loc, a);
}

LogicalResult BatchNormBackwardCoefficientsOp::inferReturnTypes(
    MLIRContext *, std::optional<Location>, Adaptor a,
    SmallVectorImpl<Type> &types) {
  types.append(3, a.getRstd().getType());
  return success();
}

LogicalResult ChannelCombineOp::inferReturnTypes(MLIRContext *,
                                                 std::optional<Location> loc,
                                                 Adaptor a,
                                                 SmallVectorImpl<Type> &types) {
  types.push_back(a.getX().getType());
  return checkChannels(loc, a.getX(), a.getOperands().drop_front(2));
}

//===-- Modes -------------------------------------------------------------===//

LogicalResult BatchNormOp::toTraining(TrainingContext &ctx) {
  if (failed(checkBatch(getLoc(), getInput())))
    return failure();
  auto train = BatchNormTrainOp::create(
      ctx.rewriter, getLoc(), getInput(), getWeight(), getBias(),
      getRunningMean(), getRunningVar(), number(ctx.rewriter, getEps()),
      number(ctx.rewriter, getMomentum()));
  if (failed(ctx.assign(getRunningMean(), train.getNewMean())) ||
      failed(ctx.assign(getRunningVar(), train.getNewVar())))
    return failure();
  ctx.rewriter.replaceOp(*this, train.getOutput());
  return success();
}

// Inference keeps the layer; `expand` replaces it.
LogicalResult BatchNormOp::toInference(RewriterBase &) { return success(); }

LogicalResult BatchNormOp::expand(RewriterBase &b) {
  Value rstd =
      RstdOp::create(b, getLoc(), getRunningVar(), number(b, getEps()));
  auto affine = ScaleShiftOp::create(b, getLoc(), getRunningMean(), rstd,
                                     getWeight(), getBias());
  b.replaceOpWithNewOp<ChannelAffineOp>(*this, getInput(), affine.getScale(),
                                        affine.getShift());
  return success();
}

LogicalResult BatchNormTrainOp::expand(RewriterBase &b) {
  auto stats =
      BatchStatsOp::create(b, getLoc(), getInput(), getRunningMean(),
                           getRunningVar(), getEpsAttr(), getMomentumAttr());
  auto affine = ScaleShiftOp::create(b, getLoc(), stats.getMean(),
                                     stats.getRstd(), getWeight(), getBias());
  Value output = ChannelAffineOp::create(b, getLoc(), getInput(),
                                         affine.getScale(), affine.getShift());
  b.replaceOp(*this, {output, stats.getMean(), stats.getRstd(),
                      stats.getNewMean(), stats.getNewVar()});
  return success();
}

LogicalResult BatchNormBackwardInputOp::expand(RewriterBase &b) {
  auto type = cast<RankedTensorType>(getInput().getType());
  double count = double(type.getNumElements()) / type.getDimSize(1);
  auto c = BatchNormBackwardCoefficientsOp::create(
      b, getLoc(), getRstd(), getWeight(), getWeightGrad(), getBiasGrad(),
      b.getF64FloatAttr(count));
  b.replaceOpWithNewOp<ChannelCombineOp>(*this, getCotangent(), getInput(),
                                         getMean(), c.getA(), c.getB(),
                                         c.getC());
  return success();
}

//===-- As a layer: batch_norm ------------------------------------------------===//

LogicalResult BatchNormOp::describeLayer(Layer &layer) {
  RankedTensorType input = layer.input();
  if (input.getRank() < 2 || input.isDynamicDim(1))
    return violated(layer.loc(), "batch_norm_c1", "the input is ", input,
                    ", expected [N, C, ...]");
  layer.called("norm");
  SmallVector<int64_t> shape{input.getDimSize(1)};
  auto init = [&](double value) {
    return FloatAttr::get(input.getElementType(), value);
  };
  layer.parameter({"weight", shape, init(1)});
  layer.parameter({"bias", shape, init(0)});
  layer.parameter({"running_mean", shape, init(0), 0, /*isBuffer=*/true});
  layer.parameter({"running_var", shape, init(1), 0, /*isBuffer=*/true});
  return success();
}
