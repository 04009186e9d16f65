// Chooses a convolution's kernel: the first one that accepts it; the direct one
// accepts all. Each kernel has a folder. The forms with channels in the lanes
// are ops of their own (channels/).
#include "Conv.h"
#include "direct/ConvDirect.h"
#include "direct/ConvFilterCut.h"
#include "direct/ConvFilterLanes.h"
#include "phases/ConvGather.h"
#include "phases/ConvPhases.h"
#include "winograd/ConvWinograd.h"

using namespace mlir;
using namespace gradmill::nn;

LogicalResult Conv2DOp::lower(KernelBuilder &k) {
  ConvShape s = shapeOf(*this);
  Value bias = getBias() ? k.operand(2) : Value();
  if (!lowerWinograd(k, s, false, bias))
    lowerDirect(k, s, false, bias);
  return success();
}

LogicalResult Conv2DBackwardDataOp::lower(KernelBuilder &k) {
  ConvShape s = shapeOf(*this);
  if (!lowerWinograd(k, s, true, Value()) && !lowerGather(k, s) &&
      !lowerPhases(k, s))
    lowerDirect(k, s, true, Value());
  return success();
}

LogicalResult Conv2DBackwardDataSumOp::lower(KernelBuilder &k) {
  auto [one, other] = shapesOf(*this);
  lowerPhasesSum(k, one, other);
  return success();
}

LogicalResult Conv2DBackwardWeightsOp::lower(KernelBuilder &k) {
  ConvShape s = shapeOf(*this);
  if (!lowerFilterCut(k, s) && !lowerWinogradWeights(k, s) &&
      !lowerFilterLanes(k, s))
    lowerDirectWeights(k, s);
  return success();
}

//===-- What the kernels read and write -----------------------------------===//

Layout Conv2DOp::getOperandLayout(unsigned i) {
  return i == 0 ? Layout::Lanes : Layout::Dense;
}
Layout Conv2DBackwardDataOp::getOperandLayout(unsigned i) {
  return i == 0 ? Layout::Lanes : Layout::Dense;
}
Layout Conv2DBackwardDataSumOp::getOperandLayout(unsigned i) {
  return i % 2 ? Layout::Dense : Layout::Lanes; // filters are dense
}
Layout Conv2DBackwardWeightsOp::getResultLayout(unsigned) {
  return Layout::Dense;
}
// The cotangent is copied or transposed. The input is read for each tap and
// tile of filters. It may be computed on the way if there is one tap and the
// filters fit about one tile.
bool Conv2DBackwardWeightsOp::readsOnce(unsigned i) {
  ConvShape s = shapeOf(*this);
  return i == 1 || (s.kernel[0] * s.kernel[1] == 1 && s.groups == 1 &&
                    !s.leavesImage(0) && !s.leavesImage(1) && s.filters <= 16);
}
