#include "Loss.h"
#include "LossSample.h"
#include "nn/Registry.h"

using namespace gradmill::nn;

// Null, with the violated constraint reported, where the model's output does
// not fit.
static mlir::Value buildNllLoss(mlir::OpBuilder &b, mlir::Location loc,
                                mlir::Value logProbs, mlir::Value labels) {
  if (failed(checkNllLoss(loc, logProbs.getType(), labels.getType())))
    return {};
  return NllLossOp::create(b, loc, logProbs, labels);
}

static mlir::Value buildCrossEntropy(mlir::OpBuilder &b, mlir::Location loc,
                                     mlir::Value logits, mlir::Value labels) {
  if (failed(checkNllLoss(loc, logits.getType(), labels.getType())))
    return {};
  return NllLossOp::create(b, loc, LogSoftmaxOp::create(b, loc, logits),
                           labels);
}

GRADMILL_PLUGIN(loss) {
  registry.ops<SoftmaxOp, SoftmaxBackwardOp, LogSoftmaxOp, LogSoftmaxBackwardOp,
               NllLossOp, NllLossBackwardOp>();
  registry
      .ops<SquaredErrorOp, SquaredErrorBackwardOp, AbsoluteErrorOp,
           AbsoluteErrorBackwardOp, HuberOp, HuberBackwardOp, BceWithLogitsOp,
           BceWithLogitsBackwardOp, BceWithLogitsBackwardTargetsOp, MeanOp,
           MeanBackwardOp, AccuracyOp>();
  addLossSamples(registry);
  registry.loss({"nll_loss",
                 "negative log-likelihood of the labels; the model ends in "
                 "log-probabilities [N, C] (log_softmax)",
                 buildNllLoss,
                 /*logProbabilities=*/nullptr,
                 {Meaning::LogProbabilities},
                 "end the graph in nn.log_softmax"});
  registry.loss({"cross_entropy",
                 "log_softmax, then nll_loss; the model ends in logits [N, C]",
                 buildCrossEntropy,
                 [](mlir::OpBuilder &b, mlir::Location loc,
                    mlir::Value logits) -> mlir::Value {
                   return LogSoftmaxOp::create(b, loc, logits);
                 },
                 // A second log_softmax changes nothing; softmax does.
                 {Meaning::Scores, Meaning::LogProbabilities},
                 "leave out nn.softmax: the loss has its own"});
}
