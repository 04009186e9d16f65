// Losses as loops over vectors of images.
//
// With the batch in the lanes the sums over channels are vertical: one lane is
// one image. The exponentials and logarithms are vector ops of the math
// dialect; the pipeline turns them into polynomials, not into calls per lane.
//
// A label picks its channel by comparison with all of them: C compares instead
// of a gather, and log_probs has just been written by log_softmax and is in
// cache.
//
// The truth for all of it: LossReference.cpp, within 1e-5 (f32), 1e-12 (f64).
#include "Loss.h"
#include "LossLoops.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace gradmill::nn;

using Pixel = ChannelSweep::Pixel;

LogicalResult SoftmaxOp::lower(KernelBuilder &k) {
  ChannelSweep s(k, 0);
  // Each task keeps the exponentials of a pixel: they are needed again once
  // their sum is known.
  Value kept = k.scratch(MemRefType::get(
      {KernelBuilder::taskCount(s.blocks()), s.channels()}, s.vector));
  s.forEachPixel([&](const Pixel &pixel) {
    Value largest = s.largest(0, pixel);
    Value sum = s.fold(0, [&](Value c, Value carried) {
      Value e = s.exp(s.minus(s.load(0, pixel, c), largest));
      k.store(e, kept, {k.task, c});
      return s.plus(carried, e);
    });
    Value scale =
        arith::DivFOp::create(k.b, k.loc, k.constant(s.vector, 1), sum);
    s.emit(pixel, [&](Value c) {
      return s.times(k.load(kept, {k.task, c}), scale);
    });
  });
  return success();
}

LogicalResult LogSoftmaxOp::lower(KernelBuilder &k) {
  ChannelSweep s(k, 0);
  s.forEachPixel([&](const Pixel &pixel) {
    Value largest = s.largest(0, pixel);
    Value sum = s.fold(0, [&](Value c, Value carried) {
      return s.plus(carried, s.exp(s.minus(s.load(0, pixel, c), largest)));
    });
    Value log = math::LogOp::create(k.b, k.loc, sum);
    // (x - largest) - log: adding the last two first would lose log's low bits.
    s.emit(pixel, [&](Value c) {
      return s.minus(s.minus(s.load(0, pixel, c), largest), log);
    });
  });
  return success();
}

LogicalResult SoftmaxBackwardOp::lower(KernelBuilder &k) {
  ChannelSweep s(k, 0);
  s.forEachPixel([&](const Pixel &pixel) {
    Value sum = s.fold(0, [&](Value c, Value carried) {
      return s.plus(carried, s.times(s.load(0, pixel, c), s.load(1, pixel, c)));
    });
    s.emit(pixel, [&](Value c) {
      return s.times(s.load(1, pixel, c), s.minus(s.load(0, pixel, c), sum));
    });
  });
  return success();
}

LogicalResult LogSoftmaxBackwardOp::lower(KernelBuilder &k) {
  ChannelSweep s(k, 0);
  s.forEachPixel([&](const Pixel &pixel) {
    Value sum = s.fold(0, [&](Value c, Value carried) {
      return s.plus(carried, s.load(0, pixel, c));
    });
    s.emit(pixel, [&](Value c) {
      return s.minus(s.load(0, pixel, c),
                     s.times(s.exp(s.load(1, pixel, c)), sum));
    });
  });
  return success();
}

// Each task sums its part of the batch; then the parts and the lanes are summed
// in order, whatever the number of threads.
LogicalResult NllLossOp::lower(KernelBuilder &k) {
  ChannelSweep s(k, 0);
  int64_t tasks = KernelBuilder::taskCount(s.blocks());
  Value zero = k.constant(s.vector, 0);
  Value partial = k.scratch(MemRefType::get({tasks}, s.vector));
  k.forEachTask(s.blocks(), [&](Value task, Value begin, Value end) {
    k.store(zero, partial, {task});
    k.loopBlocks(begin, end, [&](Value block) {
      Value labels = k.load(k.operand(1), {block});
      Value picked = s.fold(0, [&](Value c, Value found) -> Value {
        Value here = s.load(0, {block, {}}, c);
        return arith::SelectOp::create(k.b, k.loc, s.isLabel(labels, c), here,
                                       found);
      });
      k.store(s.plus(k.load(partial, {task}), k.present(picked, block)),
              partial, {task});
    });
  });
  auto combine = [&](Value task, ValueRange carried) -> SmallVector<Value> {
    return {s.plus(carried[0], k.load(partial, {task}))};
  };
  Value sum = k.sumLanes(
      k.reduce(k.index(0), k.index(tasks), 1, {zero}, combine).front());
  double batch = cast<RankedTensorType>(getLogProbs().getType()).getDimSize(0);
  k.store(s.times(sum, k.constant(sum.getType(), -1 / batch)), k.result(0), {});
  return success();
}

LogicalResult NllLossBackwardOp::lower(KernelBuilder &k) {
  ChannelSweep s(k, 2);
  double batch = cast<RankedTensorType>(getLogProbs().getType()).getDimSize(0);
  s.forEachPixel([&](const Pixel &pixel) {
    Value cotangent = k.splat(k.load(k.operand(0), {}), s.vector);
    Value share = s.times(cotangent, k.constant(s.vector, -1 / batch));
    Value labels = k.load(k.operand(1), {pixel.block});
    s.emit(pixel, [&](Value c) -> Value {
      return arith::SelectOp::create(k.b, k.loc, s.isLabel(labels, c), share,
                                     k.constant(s.vector, 0));
    });
  });
  return success();
}

Layout NllLossOp::getResultLayout(unsigned) { return Layout::Dense; }
Layout NllLossBackwardOp::getOperandLayout(unsigned i) {
  return i == 0 ? Layout::Dense : Layout::Lanes;
}

bool SoftmaxOp::supportsEpilogue() { return true; }
bool LogSoftmaxOp::supportsEpilogue() { return true; }
bool SoftmaxBackwardOp::supportsEpilogue() { return true; }
bool LogSoftmaxBackwardOp::supportsEpilogue() { return true; }
bool NllLossBackwardOp::supportsEpilogue() { return true; }
