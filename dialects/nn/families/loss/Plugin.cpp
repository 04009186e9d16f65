#include "Loss.h"
#include "nn/Registry.h"

using namespace gradmill::nn;

using mlir::FailureOr;
using mlir::Value;

// Class numbers [N] for scores [N, C].
static FailureOr<gradmill::TargetSpec> labels(mlir::Location loc,
                                          mlir::RankedTensorType prediction,
                                          const gradmill::OptionValues &) {
  if (prediction.getRank() != 2 || prediction.isDynamicDim(1))
    return violated(loc, "nll_loss_c1", "log_probs is ", prediction,
                    ", expected [N, C] where only N may be dynamic");
  auto i32 = mlir::IntegerType::get(prediction.getContext(), 32);
  return gradmill::TargetSpec{
      "label",
      mlir::RankedTensorType::get({prediction.getDimSize(0)}, i32),
      prediction.getDimSize(1)};
}

static Value buildNllLoss(gradmill::CriterionContext &c) {
  return NllLossOp::create(c.builder, c.loc, c.prediction, c.target);
}

static Value buildCrossEntropy(gradmill::CriterionContext &c) {
  return NllLossOp::create(
      c.builder, c.loc, LogSoftmaxOp::create(c.builder, c.loc, c.prediction),
      c.target);
}

GRADMILL_PLUGIN(loss) {
  registry.ops<SoftmaxOp, SoftmaxBackwardOp, LogSoftmaxOp, LogSoftmaxBackwardOp,
               NllLossOp, NllLossBackwardOp>();
  registry.loss({{"nll_loss",
                  "negative log-likelihood of the labels; the model ends in "
                  "log-probabilities [N, C] (log_softmax)",
                  labels, buildNllLoss},
                 {Meaning::LogProbabilities},
                 "end the graph in nn.log_softmax",
                 {},
                 /*byDefault=*/true});
  registry.loss({{"cross_entropy",
                  "log_softmax, then nll_loss; the model ends in logits [N, C]",
                  labels, buildCrossEntropy},
                 // A second log_softmax changes nothing; softmax does.
                 {Meaning::Scores, Meaning::LogProbabilities},
                 "leave out nn.softmax: the loss has its own"});
}
