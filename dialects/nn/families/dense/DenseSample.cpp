// Linear layers for random graphs (nn/Sampler.h).
#include "DenseSample.h"
#include "nn/Sampler.h"

using namespace mlir;

namespace gradmill::nn {

static Value weightOf(Sampler &s) {
  return s.isImage() ? Value() : s.parameter({s.channels(), s.shape()[1]});
}

static Value sampleLinear(Sampler &s) {
  Value weight = weightOf(s);
  if (!weight)
    return {};
  SmallVector<Value> operands{s.input(), weight};
  if (s.chance(60))
    operands.push_back(s.parameter(
        cast<RankedTensorType>(weight.getType()).getShape().take_front()));
  return s.add("nn.linear", operands);
}

static Value sampleLinearBackwardData(Sampler &s) {
  Value weight = weightOf(s);
  Value output = weight ? s.add("nn.linear", {s.input(), weight}) : Value();
  return output ? s.add("nn.linear_backward_data", {output, weight}) : Value();
}

// What it makes is a weight, with which the input is multiplied.
static Value sampleLinearBackwardWeights(Sampler &s) {
  Value weight = weightOf(s);
  Value output = weight ? s.add("nn.linear", {s.input(), weight}) : Value();
  Value made = output ? s.add("nn.linear_backward_weights", {s.input(), output})
                      : Value();
  return made ? s.add("nn.linear", {s.input(), made}) : Value();
}

void addDenseSamples(Registry &registry) {
  registry.sample("nn.linear", sampleLinear, 2);
  registry.sample("nn.linear_backward_data", sampleLinearBackwardData);
  registry.sample("nn.linear_backward_weights", sampleLinearBackwardWeights);
}

} // namespace gradmill::nn
