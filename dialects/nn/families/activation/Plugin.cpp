#include "Activation.h"
#include "ActivationOnnx.h"
#include "nn/Registry.h"
#include "nn/Sampler.h"

using namespace gradmill::nn;

// Samples that the fuzzer cannot derive: attributes, and weights for all
// channels. The other ops have neither.
static void addSamples(gradmill::Registry &registry) {
  auto some = [](Sampler &s) { return 0.25 * double(s.between(-4, 12)); };
  registry.sample("nn.leaky_relu", [=](Sampler &s) {
    return s.add("nn.leaky_relu", s.input(),
                 {s.real("negative_slope", some(s) / 4)});
  });
  registry.sample("nn.elu", [=](Sampler &s) {
    return s.add("nn.elu", s.input(), {s.real("alpha", some(s) / 2)});
  });
  registry.sample("nn.gelu", [](Sampler &s) {
    llvm::StringRef form = s.chance(50) ? "tanh" : "none";
    return s.add("nn.gelu", s.input(),
                 {s.builder().getNamedAttr("approximate",
                                           s.builder().getStringAttr(form))});
  });
  registry.sample("nn.softplus", [=](Sampler &s) {
    return s.add("nn.softplus", s.input(),
                 {s.real("beta", some(s)), s.real("threshold", 20)});
  });
  registry.sample("nn.prelu", [](Sampler &s) {
    return s.add("nn.prelu",
                 {s.input(), s.parameter({s.chance(30) ? 1 : s.shape()[1]})});
  });
}

GRADMILL_PLUGIN(activation) {
  registry.ops<ReluOp, ReluBackwardOp, Relu6Op, Relu6BackwardOp, LeakyReluOp,
               LeakyReluBackwardOp, EluOp, EluBackwardOp, SigmoidOp,
               SigmoidBackwardOp, TanhOp, TanhBackwardOp, SiluOp,
               SiluBackwardOp, HardsigmoidOp, HardsigmoidBackwardOp,
               HardswishOp, HardswishBackwardOp, GeluOp, GeluBackwardOp,
               SoftplusOp, SoftplusBackwardOp, MishOp, MishBackwardOp, PreluOp,
               PreluBackwardOp, PreluBackwardWeightOp>();
  registry.alsoCalled("nn.sigmoid", {"logistic"});
  registry.alsoCalled("nn.hardsigmoid", {"hard_sigmoid"});
  registry.alsoCalled("nn.hardswish", {"hard_swish"});
  addSamples(registry);
  addActivationOnnxForms(registry);
}
