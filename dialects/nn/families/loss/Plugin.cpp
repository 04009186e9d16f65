#include "Loss.h"
#include "LossOnnx.h"
#include "LossSample.h"
#include "nn/Registry.h"

using namespace mlir;
using namespace gradmill::nn;
using gradmill::CriterionContext;
using gradmill::Option;
using gradmill::OptionValues;
using gradmill::TargetSpec;

//===-- Targets -------------------------------------------------------------===//

static std::optional<int64_t> ignored(const OptionValues &options) {
  ArrayRef<double> value = options.list("ignore_index");
  return value.empty() ? std::nullopt : std::optional<int64_t>(value.front());
}

// Class numbers [N, ...] for scores [N, C, ...].
static FailureOr<TargetSpec> labels(Location loc, RankedTensorType prediction,
                                    const OptionValues &options) {
  if (prediction.getRank() < 2 || prediction.isDynamicDim(1))
    return violated(loc, "loss_target", "the prediction is ", prediction,
                    ", expected scores [N, C, ...] of which only N may be "
                    "dynamic");
  if (prediction.getDimSize(1) == 1)
    return violated(loc, "loss_target", "the prediction is ", prediction,
                    ", scores of one class, of which nothing can be learned; "
                    "bce_with_logits or mse may be meant");
  if (options.list("ignore_index").size() > 1)
    return violated(loc, "loss_target", "ignore_index has several numbers, "
                                        "expected one");
  if (size_t given = options.list("class_weights").size();
      given && int64_t(given) != prediction.getDimSize(1))
    return violated(loc, "loss_target", "class_weights has ", given,
                    " numbers, expected ", prediction.getDimSize(1),
                    ", one for each class");
  SmallVector<int64_t> shape(prediction.getShape());
  shape.erase(shape.begin() + 1);
  return TargetSpec{
      "label",
      RankedTensorType::get(shape, IntegerType::get(prediction.getContext(), 32)),
      prediction.getDimSize(1), ignored(options)};
}

// Values like the prediction's.
static FailureOr<TargetSpec> values(Location, RankedTensorType prediction,
                                    const OptionValues &) {
  return TargetSpec{"target", prediction};
}

// Probabilities, one for each number of the prediction.
static FailureOr<TargetSpec> probabilities(Location, RankedTensorType prediction,
                                           const OptionValues &) {
  return TargetSpec{"target", prediction, 0, std::nullopt,
                    std::pair(0.0, 1.0)};
}

//===-- Options -------------------------------------------------------------===//

static const Option kIgnoreIndex{
    "ignore_index", 0, INT32_MIN, INT32_MAX,
    "a label whose samples do not count (none by default)", /*isList=*/true};

static std::vector<Option> classOptions() {
  return {{"label_smoothing", 0, 0, 1, "share of a label that all classes get"},
          {"class_weights", 0, 0, 1e6, "one for each class, as 1:0.5:2",
           /*isList=*/true},
          kIgnoreIndex};
}

static losses::CrossEntropyOptions classOptionsOf(const CriterionContext &c) {
  return {c.options.number("label_smoothing"),
          c.options.list("class_weights").vec(), ignored(c.options)};
}

//===-- Registration --------------------------------------------------------===//

static void registerLosses(gradmill::Registry &registry) {
  registry.loss({{"nll_loss",
                  "negative log-likelihood of the labels; the model ends in "
                  "log-probabilities [N, C] (log_softmax)",
                  labels,
                  [](CriterionContext &c) {
                    return losses::negativeLogLikelihood(
                        c.builder, c.loc, c.prediction, c.target,
                        classOptionsOf(c));
                  },
                  classOptions()},
                 {Meaning::LogProbabilities},
                 "end the graph in nn.log_softmax",
                 {"accuracy"},
                 /*byDefault=*/true});
  registry.loss({{"cross_entropy",
                  "log_softmax, then nll_loss; the model ends in logits [N, C]",
                  labels,
                  [](CriterionContext &c) {
                    return losses::crossEntropy(c.builder, c.loc, c.prediction,
                                                c.target, classOptionsOf(c));
                  },
                  classOptions()},
                 // A second log_softmax changes nothing; softmax does.
                 {Meaning::Scores, Meaning::LogProbabilities},
                 "leave out nn.softmax: the loss has its own",
                 {"accuracy"}});
  registry.loss({{"bce_with_logits",
                  "binary cross entropy of each number's sigmoid",
                  probabilities,
                  [](CriterionContext &c) {
                    return losses::bceWithLogits(c.builder, c.loc, c.prediction,
                                                 c.target,
                                                 c.options.list("pos_weight"));
                  },
                  {{"pos_weight", 1, 0, 1e6,
                    "weight of positive targets: one, or one for each channel",
                    /*isList=*/true}}},
                 {Meaning::Scores},
                 "leave out nn.softmax: each number is one of its own"});
  registry.loss({{"mse", "mean squared error", values,
                  [](CriterionContext &c) {
                    return losses::mse(c.builder, c.loc, c.prediction,
                                       c.target);
                  }},
                 {},
                 "",
                 {"mae"}});
  registry.loss({{"l1", "mean absolute error", values,
                  [](CriterionContext &c) {
                    return losses::l1(c.builder, c.loc, c.prediction, c.target);
                  }}});
  registry.loss({{"huber",
                  "squared error near zero, absolute error beyond delta", values,
                  [](CriterionContext &c) {
                    return losses::huber(c.builder, c.loc, c.prediction,
                                         c.target, c.options.number("delta"));
                  },
                  {{"delta", 1, 1e-6, 1e6, "where it becomes linear"}}},
                 {},
                 "",
                 {"mae"}});
  registry.loss({{"smooth_l1", "huber, divided by beta", values,
                  [](CriterionContext &c) {
                    return losses::smoothL1(c.builder, c.loc, c.prediction,
                                            c.target, c.options.number("beta"));
                  },
                  {{"beta", 1, 0, 1e6, "where it becomes linear"}}},
                 {},
                 "",
                 {"mae"}});
}

static void registerMetrics(gradmill::Registry &registry) {
  registry.metric({{"accuracy", "share of labels that have the highest score",
                    labels,
                    [](CriterionContext &c) {
                      return losses::accuracy(c.builder, c.loc, c.prediction,
                                              c.target, 1, ignored(c.options));
                    },
                    {kIgnoreIndex}},
                   /*isShare=*/true});
  registry.metric(
      {{"top_k_accuracy", "share of labels that are among the k highest scores",
        labels,
        [](CriterionContext &c) {
          return losses::accuracy(c.builder, c.loc, c.prediction, c.target,
                                  int64_t(c.options.number("k")),
                                  ignored(c.options));
        },
        {{"k", 5, 1, 1e6, "how many count"}, kIgnoreIndex}},
       /*isShare=*/true});
  registry.metric({{"mae", "mean absolute error", values,
                    [](CriterionContext &c) {
                      return losses::l1(c.builder, c.loc, c.prediction,
                                        c.target);
                    }}});
  registry.metric({{"mse", "mean squared error", values,
                    [](CriterionContext &c) {
                      return losses::mse(c.builder, c.loc, c.prediction,
                                         c.target);
                    }}});
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
  registerLosses(registry);
  registerMetrics(registry);
  addLossOnnxForms(registry);
}
