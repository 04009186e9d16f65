// What the last convolution sees, beside the size of what is looked for.
#include "Rules.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace gradmill::nn;

namespace gradmill::advice {
namespace {

struct Seen {
  Operation *op = nullptr; // the layer over pixels that sees most
  double smallest = 0, largest = 0; // by axes
};

Seen lastField(Advisor &a) {
  Seen seen;
  for (Operation *op : a.layers()) {
    const Reaches &reach = a.reachOf(op->getResult(0));
    if (!hasKind(Advisor::kindOf(op), LayerKind::SpatialMixing) || reach.empty() ||
        ReceptiveFields::isUnknown(reach))
      continue;
    double smallest = reach[0].field(), largest = smallest;
    for (const Reach &r : reach) {
      smallest = std::min(smallest, r.field());
      largest = std::max(largest, r.field());
    }
    if (smallest >= seen.smallest)
      seen = {op, smallest, largest};
  }
  return seen;
}

std::string pixels(double count) { return llvm::formatv("{0:f0}", count).str(); }
} // namespace

void fieldSmall(Advisor &a) {
  Seen seen = lastField(a);
  if (!a.object() || !seen.op || seen.smallest >= *a.object())
    return;
  const Reaches &reach = a.reachOf(seen.op->getResult(0));
  double jump = std::max(reach[0].jump, 1e-9);
  a.report(seen.op,
           "an element of " + Advisor::nameOf(seen.op) + ", which sees most, sees " +
               pixels(seen.smallest) + " pixels of an object of " + pixels(*a.object()),
           "more layers or earlier pooling: a 3x3 convolution behind it would add " +
               llvm::formatv("{0:f0}", 2 * jump).str() + " pixels each");
}

void fieldLarge(Advisor &a) {
  constexpr double kFar = 2; // times the object
  Seen seen = lastField(a);
  if (!seen.op)
    return;
  // Without --object: the whole picture.
  double object = a.object().value_or(0);
  std::string what = "an object of " + pixels(object);
  if (!a.object()) {
    for (BlockArgument input : a.graph().getArguments())
      if (auto type = dyn_cast<RankedTensorType>(input.getType());
          type && type.getRank() == 4)
        for (int64_t size : type.getShape().drop_front(2))
          object = std::max(object, double(size));
    what = "a picture of " + pixels(object);
  }
  if (object == 0 || seen.largest <= kFar * object)
    return;
  a.report(seen.op,
           "an element of " + Advisor::nameOf(seen.op) + " sees " +
               pixels(seen.largest) + " pixels, " +
               llvm::formatv("{0:f1}", seen.largest / object).str() + " times " + what,
           "fewer layers, or pooling later");
}

} // namespace gradmill::advice
