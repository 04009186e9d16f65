#include "Dropout.h"
#include "nn/Registry.h"
#include "nn/Sampler.h"

GRADMILL_PLUGIN(dropout) {
  using namespace gradmill::nn;
  registry.ops<DropoutOp, DropoutTrainOp, DropoutBackwardOp>();
  registry.sample("nn.dropout", [](Sampler &s) {
    return s.add("nn.dropout", s.input(),
                 {s.real("p", 0.01 * s.below(100)),
                  s.flag("whole_channels", s.chance(30))});
  });
}
