#include "Optimizer.h"
#include "nn/Registry.h"

#include <algorithm>
#include <cmath>

using namespace gradmill;
using namespace gradmill::nn;

static mlir::Value buildSgd(UpdateContext &u) {
  mlir::FloatAttr decay = u.option("weight_decay"),
                  momentum = u.option("momentum");
  if (momentum.getValueAsDouble() == 0)
    return SgdOp::create(u.builder, u.loc, u.parameter, u.gradient,
                         u.learningRate, decay);
  auto op = SgdMomentumOp::create(
      u.builder, u.loc, u.parameter, u.gradient, u.readState("velocity"),
      u.learningRate, momentum, decay,
      u.builder.getBoolAttr(u.options.number("nesterov") != 0));
  u.writeState("velocity", op.getNewVelocity());
  return op.getNewParameter();
}

// Measured with bench/recipes (docs/training.md has the table): the middle of
// the range in which every net there trains well, for batches of 32 to 512.
static double rateOf(double base, int64_t batch) {
  double rate = base * std::sqrt(double(std::min<int64_t>(batch, 1024)) / 128);
  double digit = std::pow(10, std::floor(std::log10(rate)) - 1);
  return std::round(rate / digit) * digit; // two digits, as printed
}

// With momentum a step of size 1 moves by 1/(1 - momentum) in the end.
static double sgdRate(const OptionValues &options, int64_t batch) {
  return rateOf(0.5 * (1 - options.number("momentum")), batch);
}

static double adamRate(const OptionValues &, int64_t batch) {
  return rateOf(0.01, batch);
}

static std::string checkSgd(const OptionValues &options) {
  double nesterov = options.number("nesterov");
  if (nesterov != 0 && nesterov != 1)
    return "nesterov is neither true nor false";
  if (nesterov == 1 && options.number("momentum") == 0)
    return "nesterov needs a momentum above 0";
  return "";
}

static mlir::Value buildAdam(UpdateContext &u, bool decoupled) {
  auto op = AdamOp::create(
      u.builder, u.loc, u.parameter, u.gradient, u.readState("first"),
      u.readState("second"), u.learningRate, u.step, u.option("beta1"),
      u.option("beta2"), u.option("eps"), u.option("weight_decay"),
      u.builder.getBoolAttr(decoupled));
  u.writeState("first", op.getNewFirst());
  u.writeState("second", op.getNewSecond());
  return op.getNewParameter();
}

static std::vector<Option> adamOptions(double decay) {
  return {{"beta1", 0.9, 0, 0.999999, "decay of the mean of gradients"},
          {"beta2", 0.999, 0, 0.999999, "decay of the mean of their squares"},
          {"eps", 1e-8, 1e-20, 1, "added to the denominator"},
          {"weight_decay", decay, 0, 1, "pull towards zero"}};
}

GRADMILL_PLUGIN(optimizer) {
  registry.ops<SgdOp, SgdMomentumOp, AdamOp>();
  registry.optimizer(
      {"sgd",
       "stochastic gradient descent",
       {{"momentum", 0.9, 0, 0.999999, "share of the last step kept"},
        {"weight_decay", 0, 0, 1, "pull towards zero, added to the gradient"},
        {"nesterov", 0, 0, 1, "look ahead along the velocity"}},
       buildSgd, checkSgd, sgdRate});
  registry.optimizer({"adam", "Adam; weight decay is part of the gradient",
                      adamOptions(0),
                      [](UpdateContext &u) { return buildAdam(u, false); },
                      nullptr, adamRate});
  registry.optimizer({"adamw", "Adam with decoupled weight decay",
                      adamOptions(0.01),
                      [](UpdateContext &u) { return buildAdam(u, true); },
                      nullptr, adamRate});
}
