#include "Rules.h"
#include "nn/Registry.h"

// docs/advise.md has a section for each.
GRADMILL_PLUGIN(advice) {
  using namespace gradmill::advice;
  // What is where.
  registry.adviseRule({"unnormalized_input",
                       "weights are drawn for inputs with a mean of 0 and a deviation of 1",
                       unnormalizedInput});
  registry.adviseRule({"flatten_linear",
                       "a linear layer on a flattened picture has weights for each pixel",
                       flattenLinear});
  registry.adviseRule({"fully_connected_share",
                       "weights over pixels are shared, those over features are not",
                       fullyConnectedShare});
  registry.adviseRule({"squeeze_by_window",
                       "fewer channels need no window: a 1x1 convolution costs a part of it",
                       squeezeByWindow});
  registry.adviseRule({"bias_before_norm",
                       "a norm takes away each channel's mean, and with it the bias",
                       biasBeforeNorm});
  // The end of the net.
  registry.adviseRule({"after_last_layer",
                       "what stands behind the last layer changes or hides the scores",
                       afterLastLayer});
  registry.adviseRule({"pool_near_output",
                       "pooling throws away what the last layers could still use",
                       poolNearOutput});
  registry.adviseRule({"pool_near_pool",
                       "between two poolings layers have to make something of the picture",
                       poolNearPool});
  registry.adviseRule({"softmax_twice",
                       "a softmax of what is normalized already flattens the classes",
                       softmaxTwice});
  registry.adviseRule({"softmax_output",
                       "nll_loss takes logarithms: a softmax at the end is none",
                       softmaxOutput});
  registry.adviseRule({"no_log_softmax",
                       "scores need a loss that makes log-probabilities of them",
                       noLogSoftmax});
  // What the net sees.
  registry.adviseRule({"field_small",
                       "a net cannot recognize what it does not see as a whole",
                       fieldSmall});
  registry.adviseRule({"field_large",
                       "layers that see far more than the object see its background",
                       fieldLarge});
  // Dropout.
  registry.adviseRule({"dropout_large",
                       "pixels are alike: a large share of dropped ones hides the picture",
                       dropoutLarge});
  registry.adviseRule({"dropout_uneven",
                       "a little on every layer does more than much on some",
                       dropoutUneven});
  registry.adviseRule({"dropout_before_norm",
                       "dropout changes the variance that the norm measures, in training alone",
                       dropoutBeforeNorm});
  // A run.
  registry.adviseRule({"overfitting", "the net learns the training samples by heart",
                       overfitting});
  registry.adviseRule({"underfitting", "the net could learn more than it is allowed to",
                       underfitting});
  registry.adviseRule({"rate_high", "too large steps jump over the minimum",
                       rateHigh});
  registry.adviseRule({"rate_low", "too small steps do not get there in time",
                       rateLow});
  registry.adviseRule({"accuracy_jumps",
                       "which epoch the weights are of decides about the accuracy",
                       accuracyJumps});
}
