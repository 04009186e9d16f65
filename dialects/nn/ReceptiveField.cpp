#include "nn/ReceptiveField.h"
#include <cmath>

using namespace mlir;

namespace gradmill::nn {

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

size_t spatialDims(Value value) {
  return std::max<int64_t>(shapeOf(value).size(), 2) - 2;
}

double Reach::field() const {
  constexpr double kRounding = 1e-9; // 1 + 3 * (1./3) is 2 pixels
  return std::ceil(extent - kRounding);
}

// All elements see the same.
static void seeAll(Reach &reach) {
  reach.start += (reach.places - 1) / 2 * reach.jump;
  reach.extent += (reach.places - 1) * reach.jump;
  reach.jump = 0;
  reach.places = 1;
}

// What is seen on two paths: from the first pixel on the left to the last one on
// the right. Where neighbours are not equally far apart, elements meet anywhere:
// the larger of both.
static void join(Reach &all, const Reach &one) {
  if (std::abs(all.jump - one.jump) < 1e-9) {
    double left = std::min(all.start - all.extent / 2, one.start - one.extent / 2);
    double right =
        std::max(all.start + all.extent / 2, one.start + one.extent / 2);
    all.start = (left + right) / 2;
    all.extent = right - left;
  } else if (one.extent > all.extent) {
    all.start = one.start;
    all.extent = one.extent;
  }
  all.jump = std::max(all.jump, one.jump);
  all.places = std::max(all.places, one.places);
}

// The picture itself: pixels, or features in a row.
static Reaches reachOfInput(Value input) {
  Reaches reach(std::max<size_t>(spatialDims(input), 1));
  if (spatialDims(input) == 0 && shapeOf(input).size() == 2)
    reach[0].places = double(shapeOf(input)[1]);
  return reach;
}

ReceptiveFields::ReceptiveFields(Block &graph) {
  for (BlockArgument input : graph.getArguments())
    if (isa<RankedTensorType>(input.getType()))
      known[input] = reachOfInput(input);
  for (Operation &op : graph)
    if (op.getNumResults() && !isa<ParameterOp, ConstantOp>(op) &&
        llvm::all_of(op.getResultTypes(), llvm::IsaPred<RankedTensorType>)) {
      Reaches reach = resultOf(op);
      for (Value result : op.getResults())
        known[result] = reach;
    }
}

const Reaches &ReceptiveFields::of(Value value) const {
  static const Reaches none;
  auto it = known.find(value);
  return it == known.end() ? none : it->second;
}

Reaches ReceptiveFields::resultOf(Operation &op) const {
  Reaches reach;
  size_t dims = 0; // of what `reach` is of
  for (Value operand : op.getOperands()) {
    const Reaches &in = of(operand);
    if (isUnknown(in))
      return in;
    dims = in.empty() ? dims : std::max(dims, spatialDims(operand));
    for (auto [all, one] : llvm::zip(reach, in))
      join(all, one);
    if (reach.size() < in.size())
      reach.append(in.begin() + reach.size(), in.end());
  }
  auto window = dyn_cast<WindowInterface>(op);
  size_t dimsAfter = spatialDims(op.getResult(0));
  // An op that says nothing leaves pixels where they are, or makes features.
  auto movesPixels = [&](Value operand) {
    return !of(operand).empty() && dimsAfter > 0 &&
           shapeOf(operand).drop_front(
               std::min<size_t>(2, shapeOf(operand).size())) !=
               shapeOf(op.getResult(0)).drop_front(2);
  };
  // Where all elements see the same it does not matter which is where.
  bool seesAll = llvm::all_of(reach, [](const Reach &r) {
    return r.jump == 0;
  });
  if (!seesAll && !window && !isa<PointwiseInterface>(op) &&
      llvm::any_of(op.getOperands(), movesPixels))
    return Reaches{Reach{0, 0, 0, 1}};
  // Some dimensions are gone: which ones nobody can say.
  if (window && dimsAfter > 0 && dimsAfter < dims)
    return Reaches{Reach{0, 0, 0, 1}};
  if (window && dims == reach.size())
    for (auto [r, extent, stride, upscale, centre] :
         llvm::zip(reach, window.getWindowExtent(), window.getWindowStride(),
                   window.getWindowUpscale(), window.getWindowCentre())) {
      r.start += centre * r.jump;
      r.extent += double(extent - 1) * r.jump;
      r.jump *= double(stride) / double(upscale);
    }
  else if (window || dimsAfter > dims)
    llvm::for_each(reach, seeAll);
  // Pixels become features.
  for (size_t i = dimsAfter; i < dims && i < reach.size(); ++i)
    for (Value operand : op.getOperands())
      if (!of(operand).empty() && spatialDims(operand) > i)
        reach[i].places = double(shapeOf(operand)[2 + i]);
  return reach;
}

} // namespace gradmill::nn
