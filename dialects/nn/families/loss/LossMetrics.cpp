// accuracy: a label is right if fewer than k classes are ahead of it. A class
// is ahead if its score is higher or a NaN, or if its score is equal and it
// comes first. So nothing is sorted: one sweep over the channels finds the
// label's score and another one counts.
#include "Loss.h"
#include "LossLoops.h"

using namespace mlir;
using namespace gradmill::nn;

//===-- Shapes ------------------------------------------------------------===//

LogicalResult AccuracyOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  auto scores = cast<RankedTensorType>(adaptor.getScores().getType());
  if (failed(checkLabels(loc, "accuracy", "scores", scores,
                         adaptor.getLabels().getType())))
    return failure();
  int64_t k = adaptor.getK();
  if (k < 1 || k > scores.getDimSize(1))
    return violated(loc, "accuracy_c3", "k is ", k, ", expected 1 to ",
                    scores.getDimSize(1));
  if (failed(checkIgnored(loc, "accuracy_c4", adaptor.getIgnoreIndex())))
    return failure();
  types.push_back(dense(scores, {}));
  return success();
}

//===-- Lowering ----------------------------------------------------------===//

// The lanes in which class `c` is ahead of the label.
static Value isAhead(ChannelSweep &s, Value labels, Value mine, Value score,
                     Value c) {
  KernelBuilder &k = s.k;
  auto compare = [&](arith::CmpFPredicate predicate) -> Value {
    return arith::CmpFOp::create(k.b, k.loc, predicate, score, mine);
  };
  Value number =
      k.b.createOrFold<arith::IndexCastOp>(k.loc, k.b.getI32Type(), c);
  Value first =
      arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                            k.splat(number, labels.getType()), labels);
  Value tie = arith::AndIOp::create(k.b, k.loc,
                                    compare(arith::CmpFPredicate::OEQ), first);
  // Unordered or greater. If the label's score is a NaN, all classes are ahead,
  // including itself.
  return arith::OrIOp::create(k.b, k.loc, compare(arith::CmpFPredicate::UGT),
                              tie);
}

// The lanes whose label is among the k highest.
static Value isRight(ChannelSweep &s, AccuracyOp op,
                     const ChannelSweep::Pixel &pixel, Value labels) {
  KernelBuilder &k = s.k;
  Value mine = s.fold(0, [&](Value c, Value found) -> Value {
    return arith::SelectOp::create(k.b, k.loc, s.isLabel(labels, c),
                                   s.load(0, pixel, c), found);
  });
  Type counts = labels.getType();
  Value one = k.constant(counts, 1), none = k.constant(counts, 0);
  Value ahead =
      k.reduce(k.index(0), k.index(s.channels()), 1, {none},
               [&](Value c, ValueRange carried) -> SmallVector<Value> {
                 Value is = isAhead(s, labels, mine, s.load(0, pixel, c), c);
                 Value more =
                     arith::SelectOp::create(k.b, k.loc, is, one, none);
                 return {arith::AddIOp::create(k.b, k.loc, carried[0], more)};
               })
          .front();
  Value few = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                    ahead, k.constant(counts, op.getK()));
  return arith::AndIOp::create(k.b, k.loc, s.isValid(labels), few);
}

LogicalResult AccuracyOp::lower(KernelBuilder &k) {
  ChannelSweep s(k, 0);
  std::optional<int64_t> ignored = getIgnoreIndex();
  Value one = k.constant(s.vector, 1), none = k.constant(s.vector, 0);
  auto asNumber = [&](Value condition) -> Value {
    return arith::SelectOp::create(k.b, k.loc, condition, one, none);
  };
  BatchSum sum(k, s.blocks(), s.vector, ignored ? 2 : 1);
  SmallVector<Type> types(ignored ? 2 : 1, s.vector);
  sum.run([&](Value block) {
    return sumNest(k, s.space(), types, [&](ValueRange at) {
      ChannelSweep::Pixel pixel{block, llvm::to_vector(at)};
      Value labels = s.labels(1, pixel),
            right = isRight(s, *this, pixel, labels);
      if (!ignored)
        return SmallVector<Value>{asNumber(right)};
      Value counts = s.isNot(labels, *ignored);
      right = arith::AndIOp::create(k.b, k.loc, right, counts);
      return SmallVector<Value>{asNumber(right), asNumber(counts)};
    });
  });
  Type f64 = k.b.getF64Type();
  double all = getLabels().getType().getNumElements();
  Value share = divideBy(k, sum.total(0, f64),
                         ignored ? sum.total(1, f64) : k.constant(f64, all));
  k.store(convertFloat(k, share, s.vector.getElementType()), k.result(0), {});
  return success();
}

Layout AccuracyOp::getResultLayout(unsigned) { return Layout::Dense; }

//===-- Reference ---------------------------------------------------------===//

LogicalResult AccuracyOp::evaluate(ArrayRef<const RefTensor *> in,
                                   MutableArrayRef<RefTensor> out) {
  const RefTensor &scores = *in[0], &labels = *in[1];
  int64_t channels = scores.dim(1), space = labels.data.size() / labels.dim(0);
  double right = 0, all = 0;
  for (size_t i = 0; i < labels.data.size(); ++i) {
    int64_t label = labels.data[i];
    if (getIgnoreIndex() && label == int64_t(*getIgnoreIndex()))
      continue;
    ++all;
    auto score = [&](int64_t c) {
      return scores.data[(i / space * channels + c) * space + i % space];
    };
    if (label < 0 || label >= channels || std::isnan(score(label)))
      continue;
    int64_t ahead = 0;
    for (int64_t c = 0; c < channels; ++c)
      ahead += !(score(c) <= score(label)) ||
               (score(c) == score(label) && c < label);
    right += ahead < int64_t(getK());
  }
  out[0].data[0] = all ? right / all : 0;
  return success();
}
