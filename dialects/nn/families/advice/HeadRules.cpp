// The end of the net: what stands behind its last layer, and pooling near it.
#include "Rules.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace gradmill::nn;

namespace gradmill::advice {
namespace {

// Layers that have to stand between a pooling and what must not be near it.
constexpr int64_t kApart = 2;

bool isPool(Operation *op) {
  LayerKind kind = Advisor::kindOf(op);
  return hasKind(kind, LayerKind::Pooling) &&
         !hasKind(kind, LayerKind::GlobalPooling);
}

std::string layerCount(int64_t count) {
  return count == 0   ? "no layer"
         : count == 1 ? "one layer"
                      : std::to_string(count) + " layers";
}

// An op that makes (log-)probabilities, not one that moves them.
bool normalizes(Operation *op) {
  auto meaning = dyn_cast_or_null<MeaningInterface>(op);
  return meaning && !isa<ViewInterface>(op) &&
         meaning.getMeaning() != Meaning::Scores;
}

std::string harmOf(Operation *op) {
  LayerKind kind = Advisor::kindOf(op);
  if (hasKind(kind, LayerKind::Dropout))
    return "in training, " +
           percent(cast<LayerKindInterface>(op).getDropRate()) +
           " of the scores are dropped, the right one, too";
  if (hasKind(kind, LayerKind::Norm))
    return "it brings each score to one mean and deviation over the batch, "
           "whatever the picture shows";
  return "scores are bent: what it maps to one number, nobody can tell apart";
}
} // namespace

void afterLastLayer(Advisor &a) {
  for (Value output : a.outputs()) {
    SmallVector<Operation *> tail;
    Operation *op = output.getDefiningOp();
    bool isClassifier = false;
    while (op && !Advisor::isMixing(op) && Advisor::dataOf(op).size() == 1) {
      isClassifier |= normalizes(op);
      tail.push_back(op);
      op = Advisor::dataOf(op)[0].getDefiningOp();
    }
    if (!op || !Advisor::isMixing(op))
      continue;
    for (Operation *behind : tail) {
      LayerKind kind = Advisor::kindOf(behind);
      bool hides = hasKind(kind, LayerKind::Norm | LayerKind::Dropout) ||
                   (isClassifier && hasKind(kind, LayerKind::Activation));
      if (hides)
        a.report(behind,
                 Advisor::nameOf(behind) + " stands behind the last layer, " +
                     Advisor::nameOf(op) + ": " + harmOf(behind),
                 "leave it out");
    }
  }
}

void poolNearOutput(Advisor &a) {
  for (Operation *op : a.layers()) {
    std::optional<int64_t> behind = a.layersBehind(op->getResult(0));
    if (!isPool(op) || !behind || *behind >= kApart || Advisor::dataOf(op).empty())
      continue;
    Value in = Advisor::dataOf(op)[0];
    a.report(op,
             llvm::formatv("{0} makes {1} of {2}, and {3} follows before the output: "
                           "what it throws away is gone",
                           Advisor::nameOf(op),
                           pixelsText(op->getResult(0)),
                           pixelsText(in),
                           layerCount(*behind))
                 .str(),
             llvm::formatv("pool earlier, at least {0} layers before the output; "
                           "global_avg_pool is for the end",
                           kApart)
                 .str());
  }
}

// The next pooling with fewer than kApart layers between, or null.
static Operation *nextPool(Operation *from, int64_t &between) {
  llvm::SetVector<std::pair<Operation *, int64_t>> open;
  open.insert({from, 0});
  for (size_t i = 0; i < open.size(); ++i) {
    auto [op, count] = open[i];
    for (Operation *user : op->getUsers()) {
      if (isPool(user)) {
        between = count;
        return user;
      }
      int64_t next = count + (Advisor::isMixing(user) ? 1 : 0);
      if (next < kApart && user->getNumResults())
        open.insert({user, next});
    }
  }
  return nullptr;
}

void poolNearPool(Advisor &a) {
  for (Operation *op : a.layers()) {
    int64_t between = 0;
    Operation *next = isPool(op) ? nextPool(op, between) : nullptr;
    if (!next)
      continue;
    a.report(next,
             llvm::formatv("between {0}, which gives {1}, and {2}, which gives {3}, "
                           "stands {4}",
                           Advisor::nameOf(op),
                           pixelsText(op->getResult(0)),
                           Advisor::nameOf(next),
                           pixelsText(next->getResult(0)),
                           layerCount(between))
                 .str(),
             llvm::formatv("put at least {0} convolutions between them", kApart).str());
  }
}

void softmaxTwice(Advisor &a) {
  for (Operation *op : a.layers()) {
    if (!normalizes(op) || Advisor::dataOf(op).empty())
      continue;
    Value in = Advisor::dataOf(op)[0];
    Meaning before = meaningOf(in);
    if (before == Meaning::Scores)
      continue;
    a.report(op,
             Advisor::nameOf(op) + " takes " + meaningText(before).str() +
                 " for scores" +
                 (before == Meaning::Probabilities
                      ? ": they lie between 0 and 1, so that no class gets more than "
                        "e times as much as another"
                      : ", which it leaves as they are: it costs time and nothing "
                        "else, or hides a mistake"),
             "leave one of the two out");
  }
}

void softmaxOutput(Advisor &a) {
  if (a.hasLoss())
    return;
  for (Value output : a.outputs())
    if (meaningOf(output) == Meaning::Probabilities && output.getDefiningOp())
      a.report(output.getDefiningOp(),
               "the net ends in probabilities; nll_loss takes their logarithms, and "
               "those of small ones are lost when softmax has rounded them to 0",
               "log_softmax in its place");
}

// One row of scores, for which nobody names a loss.
void noLogSoftmax(Advisor &a) {
  if (a.hasLoss() || a.outputs().size() != 1)
    return;
  Value output = a.outputs()[0];
  Operation *op = output.getDefiningOp();
  if (!op || Advisor::shapeOf(output).size() != 1 ||
      Advisor::shapeOf(output)[0] < 2 || meaningOf(output) != Meaning::Scores)
    return;
  a.report(op,
           llvm::formatv("the net ends in {0} numbers of which nobody says what they "
                         "are",
                         Advisor::shapeOf(output)[0])
               .str(),
           "for classes end in log_softmax, or train with --loss cross_entropy; "
           "for other numbers name a loss, such as --loss mse");
}

} // namespace gradmill::advice
