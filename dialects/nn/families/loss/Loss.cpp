// Shapes, constraints and simplification of losses.
#include "Loss.h"
#include "nn/Axes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace gradmill::nn;

// One type in the text, for operands of the same type.
template <typename... Types>
static ParseResult parseOneType(OpAsmParser &parser, Types &...types) {
  Type type;
  if (failed(parser.parseType(type)))
    return failure();
  ((types = type), ...);
  return success();
}
template <typename... Types>
static void printOneType(OpAsmPrinter &printer, Operation *, Type type,
                         Types...) {
  printer << type;
}

#define GET_OP_CLASSES
#include "Loss.cpp.inc"

//===-- Shapes ------------------------------------------------------------===//

static LogicalResult inferSoftmax(std::optional<Location> loc, Value like,
                                  int64_t axis, SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(like.getType());
  if (type.getRank() < 2)
    return violated(loc, "softmax_c1", "input is ", shapeText(type.getShape()),
                    ", expected [N, C, ...]");
  FailureOr<int64_t> at = axisOf(loc, "softmax_c2", type, axis);
  if (failed(at))
    return failure();
  if (*at == 0)
    return violated(loc, "softmax_c2", "axis is ", axis, ", dimension 0 of ",
                    shapeText(type.getShape()),
                    isOpen(type, 0)
                        ? ", which is the batch"
                        : ", which the op leaves to the batch; nn.reshape to "
                          "[1, ...] puts another in front");
  if (llvm::any_of(type.getShape().drop_front(), ShapedType::isDynamic))
    return violated(loc, "softmax_c1",
                    "only the batch dimension may be dynamic");
  if (type.getDimSize(*at) < 1)
    return violated(loc, "softmax_c1", "input is ", shapeText(type.getShape()),
                    ", expected an element along axis ", *at);
  types.push_back(type);
  return success();
}

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferSoftmax(loc, adaptor.getInput(), adaptor.getAxis(), types);
}
LogicalResult
SoftmaxBackwardOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                    Adaptor adaptor,
                                    SmallVectorImpl<Type> &types) {
  return inferSoftmax(loc, adaptor.getOutput(), adaptor.getAxis(), types);
}
LogicalResult LogSoftmaxOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> loc,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  return inferSoftmax(loc, adaptor.getInput(), adaptor.getAxis(), types);
}
LogicalResult LogSoftmaxBackwardOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  return inferSoftmax(loc, adaptor.getOutput(), adaptor.getAxis(), types);
}

static int64_t fromFront(Value like, int64_t axis) {
  int64_t rank = cast<RankedTensorType>(like.getType()).getRank();
  return axis < 0 ? axis + rank : axis;
}

// A pixel is normalized over its own channels; along another axis, over that
// axis.
SmallVector<int64_t> SoftmaxOp::getWindowExtent() {
  return windowAlong(getType(), fromFront(getInput(), getAxis()));
}
SmallVector<int64_t> SoftmaxOp::getWindowStride() {
  return windowStrideAlong(getType(), fromFront(getInput(), getAxis()));
}
SmallVector<int64_t> LogSoftmaxOp::getWindowExtent() {
  return windowAlong(getType(), fromFront(getInput(), getAxis()));
}
SmallVector<int64_t> LogSoftmaxOp::getWindowStride() {
  return windowStrideAlong(getType(), fromFront(getInput(), getAxis()));
}

// One label for each image, or each pixel.
LogicalResult gradmill::nn::checkLabels(std::optional<Location> loc,
                                        StringRef op, StringRef name,
                                        Type scores, Type labels) {
  auto type = dyn_cast<RankedTensorType>(scores);
  if (!type || type.getRank() < 2 ||
      llvm::any_of(type.getShape().drop_front(), ShapedType::isDynamic))
    return violated(loc, (op + "_c1").str(), name, " is ", scores,
                    ", expected [N, C] or [N, C, H, W] where only N may be "
                    "dynamic");
  SmallVector<int64_t> shape(type.getShape());
  shape.erase(shape.begin() + 1);
  auto own = dyn_cast<RankedTensorType>(labels);
  if (!own || own.getShape() != ArrayRef(shape) ||
      !own.getElementType().isInteger(32))
    return violated(loc, (op + "_c2").str(), "labels is ", labels,
                    ", expected [", shapeText(shape), "] of i32");
  return success();
}

LogicalResult gradmill::nn::checkIgnored(std::optional<Location> loc,
                                         StringRef label,
                                         std::optional<int64_t> ignored) {
  if (!ignored || llvm::isInt<32>(*ignored))
    return success();
  return violated(loc, label, "ignore_index is ", *ignored,
                  ", expected a number that fits into i32");
}

LogicalResult gradmill::nn::checkNllLoss(std::optional<Location> loc,
                                         Type logProbs, Type labels) {
  return checkLabels(loc, "nll_loss", "log_probs", logProbs, labels);
}

// Of the loss and its adjoint.
template <typename Adaptor>
static LogicalResult checkNllOptions(std::optional<Location> loc,
                                     Adaptor adaptor) {
  auto type = cast<RankedTensorType>(adaptor.getLogProbs().getType());
  if (Value weights = adaptor.getWeights();
      weights && weights.getType() != dense(type, {type.getDimSize(1)}))
    return violated(loc, "nll_loss_c4", "the weights are ", weights.getType(),
                    ", expected ", dense(type, {type.getDimSize(1)}));
  double smoothing = adaptor.getLabelSmoothing().convertToDouble();
  if (!(smoothing >= 0 && smoothing <= 1))
    return violated(loc, "nll_loss_c5", "label_smoothing is ", smoothing,
                    ", expected 0 to 1");
  return checkIgnored(loc, "nll_loss_c6", adaptor.getIgnoreIndex());
}

LogicalResult NllLossOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  Type logProbs = adaptor.getLogProbs().getType();
  if (failed(checkNllLoss(loc, logProbs, adaptor.getLabels().getType())) ||
      failed(checkNllOptions(loc, adaptor)))
    return failure();
  types.push_back(dense(cast<RankedTensorType>(logProbs), {}));
  return success();
}

LogicalResult
NllLossBackwardOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                    Adaptor adaptor,
                                    SmallVectorImpl<Type> &types) {
  Type logProbs = adaptor.getLogProbs().getType();
  if (failed(checkNllLoss(loc, logProbs, adaptor.getLabels().getType())) ||
      failed(checkNllOptions(loc, adaptor)))
    return failure();
  auto type = cast<RankedTensorType>(logProbs);
  if (adaptor.getCotangent().getType() != dense(type, {}))
    return violated(loc, "nll_loss_c3", "the cotangent is ",
                    adaptor.getCotangent().getType(), ", expected ",
                    dense(type, {}));
  types.push_back(type);
  return success();
}

//===-- Meaning -----------------------------------------------------------===//

// A row is along dimension 1.
Meaning SoftmaxOp::getMeaning() {
  return fromFront(getInput(), getAxis()) == 1 ? Meaning::Probabilities
                                               : Meaning::Scores;
}
Meaning LogSoftmaxOp::getMeaning() {
  return fromFront(getInput(), getAxis()) == 1 ? Meaning::LogProbabilities
                                               : Meaning::Scores;
}

//===-- Simplification ----------------------------------------------------===//

// The normalized operand, if it is normalized along the same axis.
template <typename Op> static LogSoftmaxOp innerLogSoftmax(Op op) {
  Value input = op.getInput();
  auto inner = input.getDefiningOp<LogSoftmaxOp>();
  return inner && fromFront(input, inner.getAxis()) ==
                      fromFront(input, op.getAxis())
             ? inner
             : LogSoftmaxOp();
}

// Log-probabilities are normalized: log_softmax(log_softmax(x)) =
// log_softmax(x).
OpFoldResult LogSoftmaxOp::fold(FoldAdaptor) {
  return innerLogSoftmax(*this) ? getInput() : Value();
}

// softmax does not change if a number is subtracted from all channels:
// softmax(log_softmax(x)) = softmax(x).
LogicalResult SoftmaxOp::canonicalize(SoftmaxOp op, PatternRewriter &rewriter) {
  LogSoftmaxOp inner = innerLogSoftmax(op);
  if (!inner)
    return failure();
  rewriter.modifyOpInPlace(
      op, [&] { op.getInputMutable().assign(inner.getInput()); });
  return success();
}
