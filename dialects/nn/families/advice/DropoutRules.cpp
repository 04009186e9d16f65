// How much is dropped, and where.
#include "Rules.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace gradmill::nn;

namespace gradmill::advice {
namespace {

constexpr double kMostOfPixels = 0.25, kMostOfFeatures = 0.5;

// The dropout between a layer and the next one; null if there is none.
Operation *dropoutBehind(Operation *layer) {
  Operation *op = Advisor::onlyUser(layer->getResult(0));
  while (op && passesOn(op)) {
    if (isDropout(op))
      return op;
    op = Advisor::onlyUser(op->getResult(0));
  }
  return nullptr;
}
} // namespace

bool isDropout(Operation *op) {
  return hasKind(Advisor::kindOf(op), LayerKind::Dropout);
}

void dropoutLarge(Advisor &a) {
  for (Operation *op : a.layers()) {
    if (!isDropout(op))
      continue;
    double rate = cast<LayerKindInterface>(op).getDropRate();
    bool ofPixels = Advisor::pixelsOf(op->getResult(0)) > 1;
    double most = ofPixels ? kMostOfPixels : kMostOfFeatures;
    if (rate > most)
      a.report(op,
               llvm::formatv("{0} drops {1} of {2}", Advisor::nameOf(op), percent(rate),
                             ofPixels ? "a picture's elements" : "the features")
                   .str(),
               "at most " + percent(most) + "; a tenth or less on each layer of a "
               "small net");
  }
}

// Layers over pixels, but for the last layer of the net.
void dropoutUneven(Advisor &a) {
  std::vector<Operation *> with, without;
  for (Operation *op : a.layers()) {
    std::optional<int64_t> behind = a.layersBehind(op->getResult(0));
    if (!hasKind(Advisor::kindOf(op), LayerKind::SpatialMixing) || !behind ||
        *behind == 0)
      continue;
    (dropoutBehind(op) ? with : without).push_back(op);
  }
  if (with.empty() || without.empty())
    return;
  std::string names;
  for (Operation *op : ArrayRef(without).take_front(3))
    names += (names.empty() ? "" : ", ") + Advisor::nameOf(op);
  a.report(without.front(),
           llvm::formatv("{0} of {1} convolutions have dropout behind them; not so {2}{3}",
                         with.size(), with.size() + without.size(), names,
                         without.size() > 3 ? ", ..." : "")
               .str(),
           "the same small rate behind each of them, or none");
}

void dropoutBeforeNorm(Advisor &a) {
  for (Operation *op : a.layers()) {
    if (!isDropout(op))
      continue;
    Operation *next = Advisor::onlyUser(op->getResult(0));
    while (next && passesOn(next) &&
           !hasKind(Advisor::kindOf(next), LayerKind::Norm))
      next = Advisor::onlyUser(next->getResult(0));
    if (!hasKind(Advisor::kindOf(next), LayerKind::Norm))
      continue;
    double rate = cast<LayerKindInterface>(op).getDropRate();
    a.report(op,
             llvm::formatv("{0} stands before {1}: in training it adds {2} to the mean "
                           "square of what the norm sees, in inference nothing",
                           Advisor::nameOf(op), Advisor::nameOf(next),
                           percent(rate / (1 - rate)))
                 .str(),
             "dropout behind the norm");
  }
}

} // namespace gradmill::advice
