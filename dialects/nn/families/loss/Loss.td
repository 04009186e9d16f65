// Softmax, log-softmax and the negative log-likelihood, with their adjoints.
include "nn/NNBase.td"

class NN_SoftmaxLikeOp<string mnemonic> : NN_PureOp<mnemonic, [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<MeaningInterface>,
    DeclareOpInterfaceMethods<WindowInterface>,
    DeclareOpInterfaceMethods<LoweringInterface, ["supportsEpilogue"]>]> {
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

class NN_SoftmaxLikeBackwardOp<string mnemonic> : NN_PureOp<mnemonic, [
    SameTypeOperands, DeclareOpInterfaceMethods<LoweringInterface, ["supportsEpilogue"]>]> {
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$output);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $output attr-dict `:` type($cotangent)";
}

def NN_SoftmaxOp : NN_SoftmaxLikeOp<"softmax"> {
  let summary = "exp(x) / sum over the channels of exp(x)";
  let description = [{
    Over dimension 1 of `[N, C]` or `[N, C, H, W]`. The largest channel is subtracted
    first, so that no exponential overflows.

    Constraint: [softmax_c1] the input has a channel dimension, and a channel.

    Example: `%y = nn.softmax %x : tensor<128x10xf32>`
  }];
  let hasCanonicalizeMethod = 1;
}

def NN_SoftmaxBackwardOp : NN_SoftmaxLikeBackwardOp<"softmax_backward"> {
  let summary = "y * (dy - sum over the channels of dy * y), for y = softmax(x)";
}

def NN_LogSoftmaxOp : NN_SoftmaxLikeOp<"log_softmax"> {
  let summary = "x - log(sum over the channels of exp(x))";
  let description = [{
    The logarithm of softmax, over dimension 1 of `[N, C]` or `[N, C, H, W]`, without
    the loss of precision of taking it afterwards.

    Constraint: [softmax_c1] the input has a channel dimension, and a channel.

    Example: `%y = nn.log_softmax %x : tensor<128x10xf32>`
  }];
  let hasFolder = 1;
}

def NN_LogSoftmaxBackwardOp : NN_SoftmaxLikeBackwardOp<"log_softmax_backward"> {
  let summary = "dy - exp(y) * sum over the channels of dy, for y = log_softmax(x)";
}

def NN_NllLossOp : NN_PureOp<"nll_loss", [
    DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<LoweringInterface, ["getResultLayout"]>]> {
  let summary = "the mean over the batch of minus the log-probability of the label";
  let description = [{
    `loss = -1/N * sum over n of log_probs[n, labels[n]]`: `[N, C]` and `[N]` to a 0-d
    tensor. A label outside [0, C) contributes nothing to the sum and still counts in N;
    the runtime refuses data sets with such labels, so none arrives here unseen.

    Constraints: [nll_loss_c1] log_probs is [N, C]; [nll_loss_c2] labels is [N];
    [nll_loss_c3] (backward) the cotangent has the element type of log_probs.

    Example: `%loss = nn.nll_loss %y, %labels : tensor<128x10xf32>, tensor<128xi32>`
  }];
  let arguments = (ins NN_Tensor:$log_probs, NN_LabelTensor:$labels);
  let results = (outs NN_ScalarTensor:$loss);
  let assemblyFormat = "$log_probs `,` $labels attr-dict `:` type($log_probs) `,` type($labels)";
}

def NN_NllLossBackwardOp : NN_PureOp<"nll_loss_backward", [
    DeclareOpInterfaceMethods<LoweringInterface, ["getOperandLayout", "supportsEpilogue"]>]> {
  let summary = "the cotangent of nll_loss's log-probabilities";
  let description = [{
    -cotangent/N at the label, else 0. Of `log_probs` only the shape is used.
  }];
  let arguments = (ins NN_ScalarTensor:$cotangent, NN_LabelTensor:$labels, NN_Tensor:$log_probs);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = [{
    $cotangent `,` $labels `,` $log_probs attr-dict
    `:` type($cotangent) `,` type($labels) `,` type($log_probs)
  }];
}
