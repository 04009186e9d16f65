// Inputs, and layers that have more weights than they need.
#include "Rules.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace gradmill::nn;

namespace gradmill::advice {

std::string percent(double share) {
  return llvm::formatv("{0:f1} %", 100 * share).str();
}

std::string pixelsText(Value value) {
  ArrayRef<int64_t> shape = Advisor::shapeOf(value);
  return shape.empty() ? "" : shapeText(shape.drop_front());
}

bool passesOn(Operation *op) {
  return Advisor::dataOf(op).size() == 1 && op->getNumResults() == 1 &&
         !Advisor::isMixing(op) &&
         (isa<PointwiseInterface, ViewInterface>(op) ||
          hasKind(Advisor::kindOf(op),
                  LayerKind::Activation | LayerKind::Dropout | LayerKind::Norm));
}

// Features, not pixels: a row of numbers for each sample.
static bool isFullyConnected(Operation *op) {
  return Advisor::isMixing(op) && Advisor::shapeOf(op->getResult(0)).size() == 1;
}

// A picture is [C, H, W].
void unnormalizedInput(Advisor &a) {
  FunctionOpInterface graph = a.graph();
  for (BlockArgument input : graph.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(input.getType());
    if (!type || type.getRank() != 4 || !isa<FloatType>(type.getElementType()))
      continue;
    unsigned index = input.getArgNumber();
    bool isNormalized =
        graph.getArgAttr(index, "nn.mean") || graph.getArgAttr(index, "nn.std");
    Operation *user = Advisor::onlyUser(input);
    if (isNormalized || (user && hasKind(Advisor::kindOf(user), LayerKind::Norm)))
      continue;
    auto name = graph.getArgAttrOfType<StringAttr>(index, "nn.name");
    a.report(input.getLoc(),
             "the input '" + (name ? name.str() : "input") +
                 "' has no mean and std: its pixels go in as 0 to 1, all positive",
             "say mean= and std= of the training pictures, as in mean=0.1307 "
             "std=0.3081");
  }
}

void flattenLinear(Advisor &a) {
  // A mean of the input's own pixels is no picture of anything.
  if (llvm::none_of(a.layers(), [](Operation *op) {
        return hasKind(Advisor::kindOf(op), LayerKind::SpatialMixing);
      }))
    return;
  for (Operation *view : a.layers()) {
    if (!isa<ViewInterface>(view) || Advisor::dataOf(view).size() != 1)
      continue;
    Value picture = Advisor::dataOf(view)[0];
    int64_t pixels = Advisor::pixelsOf(picture);
    if (Advisor::shapeOf(picture).size() != 3 || pixels == 1 ||
        Advisor::shapeOf(view->getResult(0)).size() != 1)
      continue;
    Operation *layer = Advisor::onlyUser(view->getResult(0));
    while (layer && passesOn(layer))
      layer = Advisor::onlyUser(layer->getResult(0));
    if (!layer || !isFullyConnected(layer))
      continue;
    int64_t channels = Advisor::shapeOf(picture)[0];
    int64_t features = Advisor::shapeOf(layer->getResult(0))[0];
    int64_t count = Advisor::parametersOf(layer);
    a.report(layer,
             llvm::formatv("{0} has {1} parameters ({2} of the net's {3}), as it "
                           "reads each of the {4} pixels of {5} channels apart",
                           Advisor::nameOf(layer), count,
                           percent(double(count) / double(a.parameters())),
                           a.parameters(), pixelsText(picture),
                           channels)
                 .str(),
             llvm::formatv("global_avg_pool | conv2d({0}, 1) | flatten has {1}, {2} "
                           "fewer",
                           features, (channels + 1) * features,
                           count - (channels + 1) * features)
                 .str());
  }
}

void fullyConnectedShare(Advisor &a) {
  constexpr double kShare = 0.5;
  int64_t connected = 0;
  Operation *largest = nullptr;
  bool hasWindows = false;
  for (Operation *op : a.layers()) {
    hasWindows |= hasKind(Advisor::kindOf(op), LayerKind::SpatialMixing);
    if (!isFullyConnected(op))
      continue;
    connected += Advisor::parametersOf(op);
    if (!largest || Advisor::parametersOf(op) > Advisor::parametersOf(largest))
      largest = op;
  }
  if (!hasWindows || !largest || double(connected) <= kShare * double(a.parameters()))
    return;
  a.report(largest,
           llvm::formatv("{0} of {1} parameters ({2}) are in fully connected layers, "
                         "{3} of them in {4}",
                         connected, a.parameters(),
                         percent(double(connected) / double(a.parameters())),
                         Advisor::parametersOf(largest), Advisor::nameOf(largest))
               .str(),
           "give convolutions the weights, and end in global_avg_pool and a 1x1 "
           "convolution");
}

void squeezeByWindow(Advisor &a) {
  for (Operation *op : a.layers()) {
    LayerKind kind = Advisor::kindOf(op);
    if (!hasKind(kind, LayerKind::SpatialMixing) ||
        !hasKind(kind, LayerKind::ChannelMixing) || Advisor::dataOf(op).empty())
      continue;
    Value in = Advisor::dataOf(op)[0], out = op->getResult(0);
    auto window = dyn_cast<WindowInterface>(op);
    if (!window || Advisor::shapeOf(in).size() != 3 ||
        Advisor::shapeOf(out).size() != 3 || Advisor::pixelsOf(out) == 1 ||
        Advisor::pixelsOf(out) > Advisor::pixelsOf(in))
      continue;
    int64_t before = Advisor::shapeOf(in)[0], after = Advisor::shapeOf(out)[0];
    if (after >= before)
      continue;
    int64_t count = Advisor::parametersOf(op);
    a.report(op,
             llvm::formatv("{0} brings {1} channels to {2} by a window of {3}: {4} "
                           "parameters, and a 1x1 convolution does it with {5}",
                           Advisor::nameOf(op), before, after,
                           shapeText(window.getWindowExtent()), count, before * after)
                 .str(),
             llvm::formatv("conv2d({0}, 1) in its place; windows where the channels "
                           "stay or become more",
                           after)
                 .str());
  }
}

void biasBeforeNorm(Advisor &a) {
  for (Operation *op : a.layers()) {
    auto kind = dyn_cast<LayerKindInterface>(op);
    if (!kind || !kind.addsBias())
      continue;
    Operation *norm = Advisor::onlyUser(op->getResult(0));
    if (!hasKind(Advisor::kindOf(norm), LayerKind::ChannelNorm))
      continue;
    a.report(op,
             llvm::formatv("the {0} numbers of the bias of {1} have no effect: {2} "
                           "takes each channel's mean away",
                           Advisor::shapeOf(op->getResult(0))[0], Advisor::nameOf(op),
                           Advisor::nameOf(norm))
                 .str(),
             "bias=false");
  }
}

} // namespace gradmill::advice
