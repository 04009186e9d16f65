// mean: the mean over all elements of [N, ...]. Each task sums its part of the
// batch. The parts are added in order, in double precision, so the result is
// the same to the bit for any number of threads.
//
// Sums are nested like the loops: a pixel's channels, a row's pixels, an
// image's rows. A long sum of f32 would lose digits: after a million terms of
// one size, a term is no larger than the rounding of the sum.
#include "Loss.h"
#include "LossLoops.h"

using namespace mlir;
using namespace gradmill::nn;

//===-- Shapes and gradient -----------------------------------------------===//

static bool hasStaticElements(RankedTensorType type) {
  return type.getRank() >= 1 &&
         llvm::none_of(type.getShape().drop_front(), ShapedType::isDynamic);
}

LogicalResult MeanOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getInput().getType());
  if (!hasStaticElements(type))
    return violated(loc, "mean_c1", "the input is ",
                    dense(type, type.getShape()),
                    ", expected [N, ...] where only N may be dynamic");
  types.push_back(dense(type, {}));
  return success();
}

LogicalResult MeanBackwardOp::verify() {
  auto type = cast<RankedTensorType>(getGrad().getType());
  if (!hasStaticElements(type) || getCotangent().getType() != dense(type, {}))
    return violated(getLoc(), "mean_c2", "the cotangent is ",
                    getCotangent().getType(), ", the result ", type,
                    ", expected [N, ...] of the same element type");
  return success();
}

LogicalResult MeanOp::buildGradient(Gradient &g) {
  g.set(0, MeanBackwardOp::create(g.builder, g.loc(), getInput().getType(),
                                  g.cotangent()));
  return success();
}

//===-- Lowering ----------------------------------------------------------===//

LogicalResult MeanOp::lower(KernelBuilder &k) {
  MemRefType buffer = k.operandType(0);
  auto vector = cast<VectorType>(buffer.getElementType());
  BatchSum sum(k, buffer.getDimSize(0), vector, 1);
  k.setSchedule("1 vector, pixel by pixel");
  sum.run([&](Value block) {
    return sumNest(k, buffer.getShape().drop_front(), {vector},
                   [&](ValueRange at) -> SmallVector<Value> {
                     if (at.empty()) // [N], which is never computed here
                       return {k.load(k.operand(0), {block})};
                     return {k.element(0, block, at.drop_back(), at.back())};
                   });
  });
  double count = getInput().getType().getNumElements();
  Value mean = arith::MulFOp::create(k.b, k.loc, sum.total(0, k.b.getF64Type()),
                                     k.constant(k.b.getF64Type(), 1 / count));
  k.store(convertFloat(k, mean, vector.getElementType()), k.result(0), {});
  return success();
}

LogicalResult MeanBackwardOp::lower(KernelBuilder &k) {
  auto type = cast<RankedTensorType>(getGrad().getType());
  MemRefType buffer = bufferType(type);
  k.forEachBlock(buffer.getDimSize(0), [&](Value block) {
    Value share = arith::MulFOp::create(
        k.b, k.loc, k.load(k.operand(0), {}),
        k.constant(type.getElementType(), 1.0 / type.getNumElements()));
    share = k.splat(share, buffer.getElementType());
    if (type.getRank() == 1)
      return k.store(share, k.result(0), {block});
    k.nest(buffer.getShape().drop_front().drop_back(), [&](ValueRange pixel) {
      k.forEachChannelBlock(vectorsPerPixel(type), [&](ChannelBlock channels) {
        k.emit(block, pixel, channels,
               SmallVector<Value>(channels.count, share));
      });
    });
  });
  return success();
}

Layout MeanOp::getResultLayout(unsigned) { return Layout::Dense; }

// Formulas of [N] have no channels to hand over.
bool MeanOp::readsOnce(unsigned) { return getInput().getType().getRank() > 1; }
bool MeanBackwardOp::supportsEpilogue() {
  return getGrad().getType().getRank() > 1;
}

//===-- References --------------------------------------------------------===//

LogicalResult MeanOp::evaluate(ArrayRef<const RefTensor *> in,
                               MutableArrayRef<RefTensor> out) {
  // The errors of many equal elements would add up.
  long double sum = 0;
  for (double x : in[0]->data)
    sum += x;
  out[0].data[0] = double(sum / in[0]->data.size());
  return success();
}

LogicalResult MeanBackwardOp::evaluate(ArrayRef<const RefTensor *> in,
                                       MutableArrayRef<RefTensor> out) {
  for (double &x : out[0].data)
    x = in[0]->data[0] / double(out[0].data.size());
  return success();
}
