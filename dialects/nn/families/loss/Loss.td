// Softmax, log-softmax, the ops of losses, with the adjoints; metrics.
include "nn/NNBase.td"

class NN_SoftmaxLikeOp<string mnemonic> : NN_PureOp<mnemonic, [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<MeaningInterface>,
    DeclareOpInterfaceMethods<WindowInterface, ["getWindowStride"]>,
    DeclareOpInterfaceMethods<LoweringInterface>, EpilogueInterface]> {
  let arguments = (ins NN_Tensor:$input, DefaultValuedOptionalAttr<I64Attr, "1">:$axis);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

class NN_SoftmaxLikeBackwardOp<string mnemonic> : NN_PureOp<mnemonic, [
    SameTypeOperands, DeclareOpInterfaceMethods<LoweringInterface>, EpilogueInterface]> {
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$output,
                       DefaultValuedOptionalAttr<I64Attr, "1">:$axis);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $output attr-dict `:` type($cotangent)";
}

def NN_SoftmaxOp : NN_SoftmaxLikeOp<"softmax"> {
  let summary = "exp(x) / sum along an axis of exp(x)";
  let description = [{
    Along dimension `axis`: by default the channels of `[N, C]` or `[N, C, H, W]`; -1 is the
    last dimension. The largest element is subtracted first, so that no exponential
    overflows.

    Constraints: [softmax_c1] the input is [N, C, ...], static but for N, and has an element
    along the axis; [softmax_c2] the axis exists and is not dimension 0.

    Example: `%y = nn.softmax %x : tensor<128x10xf32>`
  }];
  let hasCanonicalizeMethod = 1;
}

def NN_SoftmaxBackwardOp : NN_SoftmaxLikeBackwardOp<"softmax_backward"> {
  let summary = "y * (dy - sum along the axis of dy * y), for y = softmax(x)";
}

def NN_LogSoftmaxOp : NN_SoftmaxLikeOp<"log_softmax"> {
  let summary = "x - log(sum along an axis of exp(x))";
  let description = [{
    The logarithm of softmax along dimension `axis`, computed without the loss of precision of
    a logarithm afterwards.

    Constraints: [softmax_c1] the input is [N, C, ...], static but for N, and has an element
    along the axis; [softmax_c2] the axis exists and is not dimension 0.

    Example: `%y = nn.log_softmax %x : tensor<128x10xf32>`
  }];
  let hasFolder = 1;
}

def NN_LogSoftmaxBackwardOp : NN_SoftmaxLikeBackwardOp<"log_softmax_backward"> {
  let summary = "dy - exp(y) * sum along the axis of dy, for y = log_softmax(x)";
}

def NN_NllLossOp : NN_PureOp<"nll_loss", [
    DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout", "getResultLayout"]>]> {
  let summary = "the mean over the batch of minus the log-probability of the label";
  let description = [{
    `loss = -1/N * sum over n of log_probs[n, labels[n]]`: `[N, C]` and `[N]` to a 0-d
    tensor. `[N, C, H, W]` and `[N, H, W]` is the mean over all pixels. A label outside [0, C)
    contributes nothing to the sum and still counts in N. The runtime refuses data sets with
    such labels.

    With `weights` w, a number not below 0 for each class, it is the weighted mean
    `sum of w[label]*l / sum of w[label]`; a label outside [0, C) has the weight 0. Labels
    that are `ignore_index` are in neither sum. If the divisor is 0, for example because all
    labels are ignored, the loss and its gradient are 0; PyTorch gives NaNs. With
    `label_smoothing` e, as of PyTorch's `cross_entropy`, l is
    `-(1 - e)*w[label]*log_probs[label] - e/C * sum over c of w[c]*log_probs[c]`, with
    w = 1 for all classes if there are no weights, and the divisor as without it.

    Constraints: [nll_loss_c1] log_probs is [N, C, ...] of which only N may be dynamic;
    [nll_loss_c2] labels is of i32 and has the shape of log_probs without C; [nll_loss_c3]
    (backward) the cotangent has the element type of log_probs; [nll_loss_c4] the weights are
    [C], of the same element type; [nll_loss_c5] label_smoothing is from 0 to 1;
    [nll_loss_c6] ignore_index fits into i32. Weights have no gradient.

    Example: `%loss = nn.nll_loss %y, %labels : tensor<128x10xf32>, tensor<128xi32>`
  }];
  let arguments = (ins NN_Tensor:$log_probs, NN_LabelTensor:$labels,
                       Optional<NN_ChannelTensor>:$weights,
                       DefaultValuedOptionalAttr<F64Attr, "0.0">:$label_smoothing,
                       OptionalAttr<I64Attr>:$ignore_index);
  let results = (outs NN_ScalarTensor:$loss);
  let builders = [OpBuilder<(ins "::mlir::Value":$log_probs, "::mlir::Value":$labels), [{
    build($_builder, $_state, log_probs, labels, ::mlir::Value(), ::mlir::FloatAttr(),
          ::mlir::IntegerAttr());
  }]>];
  let assemblyFormat = [{
    $log_probs `,` $labels (`weights` $weights^)? attr-dict
    `:` type($log_probs) `,` type($labels) (`,` type($weights)^)?
  }];
}

def NN_NllLossBackwardOp : NN_PureOp<"nll_loss_backward", [
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout"]>, EpilogueInterface]> {
  let summary = "the cotangent of nll_loss's log-probabilities";
  let description = [{
    -cotangent/N at the label, otherwise 0. With the attributes of nll_loss it follows from
    its definition. Only the shape of `log_probs` is used.
  }];
  let arguments = (ins NN_ScalarTensor:$cotangent, NN_LabelTensor:$labels, NN_Tensor:$log_probs,
                       Optional<NN_ChannelTensor>:$weights,
                       DefaultValuedOptionalAttr<F64Attr, "0.0">:$label_smoothing,
                       OptionalAttr<I64Attr>:$ignore_index);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = [{
    $cotangent `,` $labels `,` $log_probs (`weights` $weights^)? attr-dict
    `:` type($cotangent) `,` type($labels) `,` type($log_probs) (`,` type($weights)^)?
  }];
}

// --- Errors: a formula of a prediction and its target, per element --------------------

class NN_ErrorOp<string mnemonic, dag attributes = (ins)> : NN_PointwiseOp<mnemonic, [
    DeclareOpInterfaceMethods<GradientInterface>]> {
  let arguments = !con((ins NN_Tensor:$prediction, NN_Tensor:$target), attributes);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $prediction `,` $target attr-dict `:` custom<OneType>(type($prediction), type($target))
  }];
}

class NN_ErrorBackwardOp<string mnemonic, dag attributes = (ins)>
    : NN_PointwiseOp<mnemonic> {
  let arguments = !con((ins NN_Tensor:$cotangent, NN_Tensor:$prediction, NN_Tensor:$target),
                       attributes);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = [{
    $cotangent `,` $prediction `,` $target attr-dict
    `:` custom<OneType>(type($cotangent), type($prediction), type($target))
  }];
}

def NN_SquaredErrorOp : NN_ErrorOp<"squared_error"> {
  let summary = "(prediction - target)^2";
  let description = [{
    Followed by `nn.mean`, it is PyTorch's `mse_loss`. Any shape.

    Constraint [error_c1]: prediction and target have one type.

    Example: `%e = nn.squared_error %y, %t : tensor<128x1xf32>`
  }];
}
def NN_SquaredErrorBackwardOp : NN_ErrorBackwardOp<"squared_error_backward"> {
  let summary = "the cotangent of the prediction: 2*dy*(prediction - target)";
  let description = "With prediction and target exchanged, that of the target.";
}

def NN_AbsoluteErrorOp : NN_ErrorOp<"absolute_error"> {
  let summary = "|prediction - target|";
  let description = [{
    Followed by `nn.mean`, it is PyTorch's `l1_loss`. Any shape.

    Constraint [error_c1]: prediction and target have one type.

    Example: `%e = nn.absolute_error %y, %t : tensor<128x1xf32>`
  }];
}
def NN_AbsoluteErrorBackwardOp : NN_ErrorBackwardOp<"absolute_error_backward"> {
  let summary = "the cotangent of the prediction: dy*sign(prediction - target)";
  let description = [{
    0 where both are equal, as in PyTorch. With prediction and target exchanged, that of the
    target.
  }];
}

def NN_HuberOp : NN_ErrorOp<"huber", (ins DefaultValuedOptionalAttr<F64Attr, "1.0">:$delta)> {
  let summary = "d^2/2 where |d| <= delta, else delta*(|d| - delta/2), d = prediction - target";
  let description = [{
    Followed by `nn.mean`, it is PyTorch's `huber_loss`; divided by delta, `smooth_l1_loss`
    with beta = delta. Any shape.

    Constraints: [error_c1] prediction and target have one type; [huber_c1] delta is positive
    and finite.

    Example: `%e = nn.huber %y, %t {delta = 0.5} : tensor<128x1xf32>`
  }];
}
def NN_HuberBackwardOp : NN_ErrorBackwardOp<"huber_backward", (ins F64Attr:$delta)> {
  let summary = "the cotangent of the prediction: dy*min(max(d, -delta), delta)";
  let description = "With prediction and target exchanged, that of the target.";
}

def NN_BceWithLogitsOp : NN_PointwiseOp<"bce_with_logits", [
    DeclareOpInterfaceMethods<GradientInterface>]> {
  let summary = "the binary cross entropy of sigmoid(logits) and targets, per element";
  let description = [{
    `-p*t*log(s) - (1 - t)*log(1 - s)`, s = sigmoid(x), computed as
    `max(x, 0) - x*t + log1p(exp(-|x|))`, which neither overflows nor loses digits. p is
    `pos_weight`: none (1), one number, or one per channel. Followed by `nn.mean`, it is
    PyTorch's `binary_cross_entropy_with_logits`. Targets lie between 0 and 1. Any shape.

    Constraints: [bce_with_logits_c1] logits and targets have one type; [bce_with_logits_c2]
    pos_weight is 0-d or [C], of the same element type. pos_weight has no gradient.

    Example: `%e = nn.bce_with_logits %x, %t pos_weight %p : tensor<128x5xf32>, tensor<5xf32>`
  }];
  let arguments = (ins NN_Tensor:$logits, NN_Tensor:$targets, Optional<NN_Tensor>:$pos_weight);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $logits `,` $targets (`pos_weight` $pos_weight^)? attr-dict
    `:` custom<OneType>(type($logits), type($targets))
    (`,` type($pos_weight)^)?
  }];
}

class NN_BceBackwardOp<string mnemonic> : NN_PointwiseOp<mnemonic> {
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$logits, NN_Tensor:$targets,
                       Optional<NN_Tensor>:$pos_weight);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = [{
    $cotangent `,` $logits `,` $targets (`pos_weight` $pos_weight^)? attr-dict
    `:` custom<OneType>(type($cotangent), type($logits), type($targets))
    (`,` type($pos_weight)^)?
  }];
}
def NN_BceWithLogitsBackwardOp : NN_BceBackwardOp<"bce_with_logits_backward"> {
  let summary = "the cotangent of bce_with_logits's logits";
  let description = "`dy*(sigmoid(x) - t)`; with pos_weight `dy*((1 - t)*s - p*t*(1 - s))`.";
}
def NN_BceWithLogitsBackwardTargetsOp : NN_BceBackwardOp<"bce_with_logits_backward_targets"> {
  let summary = "the cotangent of bce_with_logits's targets";
  let description = "`-dy*x`; with pos_weight `dy*((p - 1)*log(1 + exp(-x)) - x)`.";
}

// --- The mean ----------------------------------------------------------------------------

def NN_MeanOp : NN_PureOp<"mean", [
    DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getResultLayout"]>,
    DeclareOpInterfaceMethods<PrologueInterface, ["readsOnce"]>]> {
  let summary = "the mean over all elements";
  let description = [{
    `[N, ...]` to a 0-d tensor. A formula before it that nothing else reads is computed in
    the same sweep, and its result needs no memory.

    Constraint: [mean_c1] the input has a dimension or more, of which only N may be dynamic.

    Example: `%loss = nn.mean %e : tensor<128x10xf32>`
  }];
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_ScalarTensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

// Only the input's shape is needed, and the result has it. As an operand the
// input would be kept alive.
def NN_MeanBackwardOp : NN_Op<"mean_backward", [
    Pure, DeclareOpInterfaceMethods<ReferenceInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<EpilogueInterface, ["supportsEpilogue"]>]> {
  let summary = "the cotangent of mean's input: dy/count in every element";
  let description = [{
    Constraint: [mean_c2] the result has a dimension or more and the cotangent's element
    type.
  }];
  let arguments = (ins NN_ScalarTensor:$cotangent);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent attr-dict `:` type($cotangent) `->` type($grad)";
  let hasVerifier = 1;
}

// --- Metrics -------------------------------------------------------------------------------

def NN_AccuracyOp : NN_PureOp<"accuracy", [
    GraphOp, DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getResultLayout"]>]> {
  let summary = "the share of the batch whose label is among the k highest scores";
  let description = [{
    `[N, C]` scores and `[N]` labels to a 0-d tensor; `[N, C, H, W]` and `[N, H, W]` counts
    pixels. Of equal scores the first one counts as higher, so k = 1 asks whether the first
    maximum is the label. A label outside [0, C) is wrong, and so is one whose score is a
    NaN; another class's NaN counts as higher. Labels that are `ignore_index` are left out.
    If no other label is there, the result is 0. It has no gradient.

    Constraints: [accuracy_c1] scores is [N, C, ...] of which only N may be dynamic;
    [accuracy_c2] labels is of i32 and has the shape of scores without C; [accuracy_c3] k
    is from 1 to C; [accuracy_c4] ignore_index fits into i32.

    Example: `%a = nn.accuracy %y, %labels {k = 5 : i64} : tensor<128x10xf32>, tensor<128xi32>`
  }];
  let arguments = (ins NN_Tensor:$scores, NN_LabelTensor:$labels,
                       DefaultValuedOptionalAttr<I64Attr, "1">:$k, OptionalAttr<I64Attr>:$ignore_index);
  let results = (outs NN_ScalarTensor:$accuracy);
  let assemblyFormat = "$scores `,` $labels attr-dict `:` type($scores) `,` type($labels)";
}
