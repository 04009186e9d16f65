// Losses as loops over vectors of images.
//
// With the batch in the lanes the sums over channels are vertical: one lane is
// one image. The exponentials and logarithms are vector ops of the math
// dialect. The pipeline turns them into polynomials, not into calls per lane.
//
// A label picks its channel by comparison with all of them: C compares instead
// of a gather. log_softmax has just written log_probs, so these are in the
// cache.
//
// Each task sums its part of the batch. Then the parts and the lanes are summed
// in order, for any number of threads (BatchSum).
//
// The reference for all of it: LossReference.cpp, within 1e-5 (f32), 1e-12
// (f64).
#include "Loss.h"
#include "LossLoops.h"
#include "nn/LongSum.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace gradmill::nn;

using Pixel = ChannelSweep::Pixel;

namespace {

// The loops of softmax and similar ops: all elements along an axis, for each
// line of the tensor. Along channels a line is a pixel. Along another axis a
// few channels are taken at once, which lie side by side in memory.
class LineSweep {
public:
  LineSweep(KernelBuilder &k, int64_t axis)
      : s(k, 0), k(k),
        axis(axis < 0 ? axis + 2 + int64_t(s.space().size()) : axis),
        count(this->axis == 1 ? s.channels() : s.space()[this->axis - 2]) {}

  struct Line {
    Pixel pixel;           // without its place along the axis
    ChannelBlock channels; // of one, of no meaning, along channels
  };
  using Term = llvm::function_ref<Value(Value i, int64_t j)>;

  void forEachLine(llvm::function_ref<void(const Line &)> body) {
    if (axis == 1)
      return s.forEachPixel([&](const Pixel &pixel) {
        body({pixel, {k.index(0), 1}});
      });
    SmallVector<int64_t> others(s.space());
    others.erase(others.begin() + (axis - 2));
    k.setSchedule(std::to_string(std::min(width(), s.channels())) +
                  " channels, the axis in turn");
    k.forEachBlock(s.blocks(), [&](Value block) {
      k.nest(others, [&](ValueRange at) {
        k.forEachChannelBlock(
            s.channels(),
            [&](ChannelBlock c) {
              body({{block, llvm::to_vector(at)}, c});
            },
            width());
      });
    });
  }

  // For each channel of the line, over the axis: `next` computes a value from
  // that of the elements before, `i`, of channel `j`.
  SmallVector<Value>
  fold(const Line &line, double init,
       llvm::function_ref<Value(Value i, int64_t j, Value carried)> next) {
    SmallVector<Value> start(line.channels.count, k.constant(s.vector, init));
    return k.reduce(k.index(0), k.index(count), 1, start,
                    [&](Value i, ValueRange carried) {
                      SmallVector<Value> out;
                      for (auto [j, value] : llvm::enumerate(carried))
                        out.push_back(next(i, j, value));
                      return out;
                    });
  }
  SmallVector<Value> sum(const Line &line, Term term) {
    SmallVector<Value> zeros(line.channels.count, k.constant(s.vector, 0));
    return sumInBlocks(k, count, sumBlock(count, 0), zeros,
                       [&](Value i, ValueRange carried) {
                         SmallVector<Value> sums;
                         for (auto [j, before] : llvm::enumerate(carried))
                           sums.push_back(s.plus(before, term(i, j)));
                         return sums;
                       });
  }
  // A NaN if there is one among them.
  SmallVector<Value> largest(const Line &line, unsigned operand) {
    return fold(line, -std::numeric_limits<double>::infinity(),
                [&](Value i, int64_t j, Value carried) -> Value {
                  return arith::MaximumFOp::create(k.b, k.loc, carried,
                                                   load(operand, line, i, j),
                                                   arith::FastMathFlags::nsz);
                });
  }

  void emit(const Line &line, Term value) {
    if (axis == 1)
      return s.emit(line.pixel, [&](Value c) { return value(c, 0); });
    k.loop(count, [&](Value i) {
      SmallVector<Value> values;
      for (int64_t j = 0; j < line.channels.count; ++j)
        values.push_back(value(i, j));
      k.emit(line.pixel.block, placeOf(line, i).at, line.channels, values);
    });
  }

  Value load(unsigned operand, const Line &line, Value i, int64_t j) {
    if (axis == 1)
      return s.load(operand, line.pixel, i);
    return s.load(operand, placeOf(line, i), k.add(line.channels.first, j));
  }

  // Memory of a task for a value of each element of a line.
  Value scratch() {
    int64_t channels = axis == 1 ? 1 : std::min(width(), s.channels());
    return k.scratch(MemRefType::get(
        {KernelBuilder::taskCount(s.blocks()), count, channels}, s.vector));
  }

  ChannelSweep s;

private:
  Pixel placeOf(const Line &line, Value i) const {
    Pixel pixel = line.pixel;
    pixel.at.insert(pixel.at.begin() + (axis - 2), i);
    return pixel;
  }
  // As many exponentials at a time as registers hold.
  int64_t width() const {
    return k.channelAlignment() > 1 || k.vectorRegisters() >= 32 ? 4 : 2;
  }

  KernelBuilder &k;
  int64_t axis, count;
};

using Line = LineSweep::Line;

} // namespace

LogicalResult SoftmaxOp::lower(KernelBuilder &k) {
  LineSweep l(k, getAxis());
  ChannelSweep &s = l.s;
  // Each task keeps the exponentials of a line, because it needs them again
  // once their sum is known.
  Value kept = l.scratch();
  l.forEachLine([&](const Line &line) {
    SmallVector<Value> largest = l.largest(line, 0), scale;
    for (Value sum : l.sum(line, [&](Value i, int64_t j) {
           Value e = s.exp(s.minus(l.load(0, line, i, j), largest[j]));
           k.store(e, kept, {k.task, i, k.index(j)});
           return e;
         }))
      scale.push_back(
          arith::DivFOp::create(k.b, k.loc, k.constant(s.vector, 1), sum));
    l.emit(line, [&](Value i, int64_t j) {
      return s.times(k.load(kept, {k.task, i, k.index(j)}), scale[j]);
    });
  });
  return success();
}

LogicalResult LogSoftmaxOp::lower(KernelBuilder &k) {
  LineSweep l(k, getAxis());
  ChannelSweep &s = l.s;
  l.forEachLine([&](const Line &line) {
    SmallVector<Value> largest = l.largest(line, 0), log;
    for (Value sum : l.sum(line, [&](Value i, int64_t j) {
           return s.exp(s.minus(l.load(0, line, i, j), largest[j]));
         }))
      log.push_back(math::LogOp::create(k.b, k.loc, sum));
    // (x - largest) - log: adding the last two first would lose log's low bits.
    l.emit(line, [&](Value i, int64_t j) {
      return s.minus(s.minus(l.load(0, line, i, j), largest[j]), log[j]);
    });
  });
  return success();
}

LogicalResult SoftmaxBackwardOp::lower(KernelBuilder &k) {
  LineSweep l(k, getAxis());
  ChannelSweep &s = l.s;
  l.forEachLine([&](const Line &line) {
    SmallVector<Value> sum = l.sum(line, [&](Value i, int64_t j) {
      return s.times(l.load(0, line, i, j), l.load(1, line, i, j));
    });
    l.emit(line, [&](Value i, int64_t j) {
      return s.times(l.load(1, line, i, j),
                     s.minus(l.load(0, line, i, j), sum[j]));
    });
  });
  return success();
}

LogicalResult LogSoftmaxBackwardOp::lower(KernelBuilder &k) {
  LineSweep l(k, getAxis());
  ChannelSweep &s = l.s;
  l.forEachLine([&](const Line &line) {
    SmallVector<Value> sum =
        l.sum(line, [&](Value i, int64_t j) { return l.load(0, line, i, j); });
    l.emit(line, [&](Value i, int64_t j) {
      return s.minus(l.load(0, line, i, j),
                     s.times(s.exp(l.load(1, line, i, j)), sum[j]));
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

  /// All labels count alike: the divisor is their number.
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
  /// What the labels contribute to the divisor.
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

// Minus the loss of a pixel, as it enters the sum.
Value pickedLoss(LabelRule &rule, Value labels, const Pixel &pixel) {
  ChannelSweep &s = rule.s;
  KernelBuilder &k = s.k;
  Value zero = k.constant(s.vector, 0);
  SmallVector<Value> init(rule.smoothing ? 2 : 1, zero);
  SmallVector<Value> sums = sumInBlocks(
      k, s.channels(), sumBlock(s.channels(), 0), init,
      [&](Value c, ValueRange carried) -> SmallVector<Value> {
        Value here = rule.times(s.load(0, pixel, c), rule.weight(c));
        Value picked = rule.select(s.isLabel(labels, c), here, carried[0]);
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

// The gradient at a label's class, without its weight: -cotangent/divisor,
// after a sweep over the labels if they do not count alike.
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

