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
// Each task sums its part of the batch; then the parts and the lanes are summed
// in order, whatever the number of threads (BatchSum).
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

//===-- nll_loss ----------------------------------------------------------===//

namespace {

/// How a pixel's labels count in nll_loss and its adjoint.
class LabelRule {
public:
  template <typename Op>
  LabelRule(ChannelSweep &s, Op op, unsigned labels, unsigned weights)
      : s(s), k(s.k), labelsOperand(labels),
        smoothing(op.getLabelSmoothing().convertToDouble()),
        ignored(op.getIgnoreIndex()) {
    if (op.getWeights())
      weightBuffer = k.operand(weights);
    count = cast<RankedTensorType>(op.getLabels().getType()).getNumElements();
  }

  /// The labels count alike: the divisor is their number.
  bool isUniform() const { return !weightBuffer && !ignored; }
  bool isPlain() const { return isUniform() && smoothing == 0; }

  Value labels(const Pixel &pixel) { return s.labels(labelsOperand, pixel); }
  /// Class c's weight in each lane; null for 1.
  Value weight(Value c) {
    return weightBuffer ? k.splat(k.load(weightBuffer, {c}), s.vector)
                        : Value();
  }
  Value times(Value x, Value weight) { return weight ? s.times(x, weight) : x; }
  /// `value` in the lanes whose label is a class and not ignored, else 0.
  Value ifCounted(Value labels, Value value) {
    Value counted = s.isValid(labels);
    if (ignored)
      counted =
          arith::AndIOp::create(k.b, k.loc, counted, s.isNot(labels, *ignored));
    return select(counted, value, k.constant(s.vector, 0));
  }
  /// What the labels add to the divisor.
  Value share(Value labels) {
    Value zero = k.constant(s.vector, 0);
    if (!weightBuffer)
      return select(s.isNot(labels, *ignored), k.constant(s.vector, 1), zero);
    return ifCounted(labels, s.fold(0, [&](Value c, Value found) {
      return select(s.isLabel(labels, c), weight(c), found);
    }));
  }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(k.b, k.loc, condition, x, y);
  }

  ChannelSweep &s;
  KernelBuilder &k;
  unsigned labelsOperand;
  double smoothing, count;
  std::optional<int64_t> ignored;
  Value weightBuffer;
};

// Minus the loss of a pixel, as it stands in the sum.
Value pickedLoss(LabelRule &rule, Value labels, const Pixel &pixel) {
  ChannelSweep &s = rule.s;
  KernelBuilder &k = s.k;
  Value zero = k.constant(s.vector, 0);
  SmallVector<Value> init(rule.smoothing ? 2 : 1, zero);
  SmallVector<Value> sums =
      k.reduce(k.index(0), k.index(s.channels()), 1, init,
               [&](Value c, ValueRange carried) -> SmallVector<Value> {
                 Value here = rule.times(s.load(0, pixel, c), rule.weight(c));
                 Value picked =
                     rule.select(s.isLabel(labels, c), here, carried[0]);
                 if (!rule.smoothing)
                   return {picked};
                 return {picked, s.plus(carried[1], here)};
               });
  Value loss = sums[0];
  if (rule.smoothing) {
    double uniform = rule.smoothing / double(s.channels());
    loss = s.plus(s.times(loss, k.constant(s.vector, 1 - rule.smoothing)),
                  s.times(sums[1], k.constant(s.vector, uniform)));
  }
  return rule.isPlain() ? loss : rule.ifCounted(labels, loss);
}

} // namespace

LogicalResult NllLossOp::lower(KernelBuilder &k) {
  ChannelSweep s(k, 0);
  LabelRule rule(s, *this, 1, 2);
  unsigned count = rule.isUniform() ? 1 : 2;
  BatchSum sum(k, s.blocks(), s.vector, count);
  SmallVector<Type> types(count, s.vector);
  sum.run([&](Value block) {
    return sumNest(k, s.space(), types, [&](ValueRange at) {
      Pixel pixel{block, llvm::to_vector(at)};
      Value labels = rule.labels(pixel);
      SmallVector<Value> terms{pickedLoss(rule, labels, pixel)};
      if (count == 2)
        terms.push_back(rule.share(labels));
      return terms;
    });
  });
  Type element = s.vector.getElementType();
  Value total = sum.total(0, element);
  Value loss;
  if (rule.isUniform())
    loss = s.times(total, k.constant(element, -1 / rule.count));
  else
    loss = divideBy(k, arith::NegFOp::create(k.b, k.loc, total),
                    sum.total(1, element));
  k.store(loss, k.result(0), {});
  return success();
}

// What a label's class gets, apart from its weight: -cotangent/divisor, from a
// sweep over the labels if they do not count alike.
static std::function<Value()> shareOfLabel(KernelBuilder &k, LabelRule &rule) {
  ChannelSweep &s = rule.s;
  Type element = s.vector.getElementType();
  if (rule.isUniform())
    return [&k, &rule, element] {
      Value cotangent = k.splat(k.load(k.operand(0), {}), rule.s.vector);
      return rule.s.times(cotangent,
                          k.constant(rule.s.vector, -1 / rule.count));
    };
  BatchSum sum(k, s.blocks(), s.vector, 1);
  sum.run([&](Value block) {
    return sumNest(k, s.space(), {s.vector}, [&](ValueRange at) {
      Value labels = rule.labels({block, llvm::to_vector(at)});
      return SmallVector<Value>{rule.share(labels)};
    });
  });
  Value kept = k.scratch(MemRefType::get({}, element));
  Value minus = arith::NegFOp::create(k.b, k.loc, k.load(k.operand(0), {}));
  k.store(divideBy(k, minus, sum.total(0, element)), kept, {});
  return [&k, &rule, kept] { return k.splat(k.load(kept, {}), rule.s.vector); };
}

LogicalResult NllLossBackwardOp::lower(KernelBuilder &k) {
  ChannelSweep s(k, 2);
  LabelRule rule(s, *this, 1, 3);
  std::function<Value()> shareOf = shareOfLabel(k, rule);
  s.forEachPixel([&](const Pixel &pixel) {
    Value share = shareOf(), labels = rule.labels(pixel);
    Value others = k.constant(s.vector, 0);
    if (!rule.isPlain())
      share = rule.ifCounted(labels, share);
    if (rule.smoothing) {
      double uniform = rule.smoothing / double(s.channels());
      others = s.times(share, k.constant(s.vector, uniform));
      share = s.plus(s.times(share, k.constant(s.vector, 1 - rule.smoothing)),
                     others);
    }
    s.emit(pixel, [&](Value c) -> Value {
      Value here = rule.select(s.isLabel(labels, c), share, others);
      return rule.times(here, rule.weight(c));
    });
  });
  return success();
}

Layout NllLossOp::getOperandLayout(unsigned i) {
  return i == 2 ? Layout::Dense : Layout::Lanes;
}
Layout NllLossOp::getResultLayout(unsigned) { return Layout::Dense; }
Layout NllLossBackwardOp::getOperandLayout(unsigned i) {
  return i == 0 || i == 3 ? Layout::Dense : Layout::Lanes;
}

bool SoftmaxOp::supportsEpilogue() { return true; }
bool LogSoftmaxOp::supportsEpilogue() { return true; }
bool SoftmaxBackwardOp::supportsEpilogue() { return true; }
bool LogSoftmaxBackwardOp::supportsEpilogue() { return true; }
bool NllLossBackwardOp::supportsEpilogue() { return true; }
