// Dropout: shapes, modes, adjoint and reference.
#include "Dropout.h"
#include "Philox.h"

using namespace mlir;
using namespace gradmill::nn;

#define GET_OP_CLASSES
#include "Dropout.cpp.inc"

static LogicalResult checkProbability(std::optional<Location> loc, APFloat p) {
  double value = p.convertToDouble();
  if (value >= 0 && value < 1)
    return success();
  return violated(loc, "dropout_c1", "p is ", value,
                  ", expected a probability in [0, 1)");
}

LogicalResult DropoutOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor a,
                                          SmallVectorImpl<Type> &types) {
  types.push_back(a.getInput().getType());
  return checkProbability(loc, a.getP());
}

LogicalResult DropoutTrainOp::inferReturnTypes(MLIRContext *,
                                               std::optional<Location> loc,
                                               Adaptor a,
                                               SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(a.getInput().getType());
  if (type.getRank() < 2)
    return violated(loc, "dropout_c2", "the input is ", type,
                    ", expected [N, C, ...]");
  // The element counter of the random stream has 32 bits.
  if (type.hasStaticShape() && type.getNumElements() > (int64_t(1) << 32))
    return violated(loc, "dropout_c2", "the input has more than 2^32 elements");
  types.push_back(type);
  types.push_back(type.clone(IntegerType::get(type.getContext(), 1)));
  return checkProbability(loc, a.getP());
}

LogicalResult
DropoutBackwardOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                    Adaptor a, SmallVectorImpl<Type> &types) {
  auto grad = cast<RankedTensorType>(a.getOutputGrad().getType());
  auto mask = cast<RankedTensorType>(a.getMask().getType());
  if (grad.getShape() != mask.getShape())
    return violated(loc, "dropout_c3", "the gradient is ", grad,
                    " and the mask ", mask, ", expected one shape");
  types.push_back(grad);
  return checkProbability(loc, a.getP());
}

LayerKind DropoutOp::getLayerKind() { return LayerKind::Dropout; }
double DropoutOp::getDropRate() { return getP().convertToDouble(); }

LogicalResult DropoutOp::toTraining(TrainingContext &ctx) {
  // A layer takes its stream even if it drops nothing, so that p = 0 does not
  // renumber others.
  int64_t stream = ctx.nextStream();
  if (getP().isZero())
    ctx.rewriter.replaceOp(*this, getInput());
  else
    ctx.rewriter.replaceOp(
        *this,
        DropoutTrainOp::create(
            ctx.rewriter, getLoc(), getInput(), ctx.seed, ctx.step,
            ctx.rewriter.getF64FloatAttr(getP().convertToDouble()),
            ctx.rewriter.getI64IntegerAttr(stream), getWholeChannelsAttr())
            .getOutput());
  return success();
}

LogicalResult DropoutOp::toInference(RewriterBase &rewriter) {
  rewriter.replaceOp(*this, getInput());
  return success();
}

// Outside of a training step the layer is the identity.
LogicalResult DropoutOp::buildGradient(Gradient &g) {
  g.set(0, g.cotangent());
  return success();
}

LogicalResult DropoutTrainOp::buildGradient(Gradient &g) {
  g.set(0, DropoutBackwardOp::create(g.builder, g.loc(), g.cotangent(),
                                     getMask(), getPAttr()));
  return success();
}

LogicalResult DropoutOp::evaluate(ArrayRef<const RefTensor *> in,
                                  MutableArrayRef<RefTensor> out) {
  out[0] = *in[0];
  return success();
}

LogicalResult DropoutTrainOp::evaluate(ArrayRef<const RefTensor *> in,
                                       MutableArrayRef<RefTensor> out) {
  const RefTensor &x = *in[0];
  double p = getP().convertToDouble();
  uint64_t seed = uint64_t(int64_t(in[1]->data[0])),
           step = uint64_t(int64_t(in[2]->data[0]));
  int64_t channels = x.dim(1), space = x.data.size() / (x.dim(0) * channels);
  for (int64_t i = 0; i < int64_t(x.data.size()); ++i) {
    int64_t s = i % space, c = i / space % channels, n = i / space / channels;
    int64_t blocks = (channels + kPhiloxBytes - 1) / kPhiloxBytes;
    int64_t pixel = getWholeChannels() ? n : n * space + s;
    uint32_t block = uint32_t(pixel * blocks + c / kPhiloxBytes);
    auto words = philox(
        {uint32_t(seed), uint32_t(seed >> 32)},
        {block, uint32_t(getStream()), uint32_t(step), uint32_t(step >> 32)});
    bool keep = keepsElement(words, c % kPhiloxBytes, dropThreshold(p));
    out[0].data[i] = keep ? x.data[i] / (1 - p) : 0;
    out[1].data[i] = keep;
  }
  return success();
}

LogicalResult DropoutBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                          MutableArrayRef<RefTensor> out) {
  double p = getP().convertToDouble();
  for (auto [dx, dy, keep] : llvm::zip(out[0].data, in[0]->data, in[1]->data))
    dx = keep ? dy / (1 - p) : 0;
  return success();
}
