#include "Dropout.h"
#include "nn/Registry.h"

GRADMILL_PLUGIN(dropout) {
  using namespace gradmill::nn;
  registry.ops<DropoutOp, DropoutTrainOp, DropoutBackwardOp>();
}
