// Batch normalization, and the sums and formulas that it consists of.
include "nn/NNBase.td"

def NN_BatchNormOp : NN_PureOp<"batch_norm", [
    DeclareOpInterfaceMethods<ModeInterface>, DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<LayerInterface>, DeclareOpInterfaceMethods<LayerKindInterface>,
    DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "batch normalization over batch and space, per channel";
  let description = [{
    As in PyTorch. Inference: y = (x - running_mean) / sqrt(running_var + eps) * weight + bias.
    Training uses the mean and the (biased) variance of the batch instead, and updates
    running = (1 - momentum) * running + momentum * batch, with the unbiased variance of the
    batch for the running variance.

    Constraints: [batch_norm_c1] the input has a channel dimension; [batch_norm_c2] weight,
    bias and running statistics are [C]; [batch_norm_c3] eps is positive, momentum in [0, 1];
    [batch_norm_c4] (backward) the cotangent has the shape of the input;
    [batch_norm_c5] (training) a channel has more than one value in a batch: one alone has no
    variance.

    Example: `%y = nn.batch_norm %x, %weight, %bias, %mean, %var : tensor<128x16x26x26xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, NN_ChannelTensor:$weight, NN_ChannelTensor:$bias,
                       NN_ChannelTensor:$running_mean, NN_ChannelTensor:$running_var,
                       DefaultValuedOptionalAttr<F64Attr, "1e-5">:$eps,
                       DefaultValuedOptionalAttr<F64Attr, "0.1">:$momentum);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $input `,` $weight `,` $bias `,` $running_mean `,` $running_var attr-dict `:` type($input)
    custom<ChannelTypes>(ref(type($input)), type($weight), type($bias), type($running_mean),
                         type($running_var))
  }];
}

def NN_BatchNormTrainOp : NN_PureOp<"batch_norm_train", [CompilerOp,
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "batch normalization by the statistics of the batch";
  let description = "Results: the output; the batch's mean and 1/sqrt(var + eps); the new running statistics.";
  let arguments = (ins NN_Tensor:$input, NN_ChannelTensor:$weight, NN_ChannelTensor:$bias,
                       NN_ChannelTensor:$running_mean, NN_ChannelTensor:$running_var,
                       F64Attr:$eps, F64Attr:$momentum);
  let results = (outs NN_Tensor:$output, NN_ChannelTensor:$mean, NN_ChannelTensor:$rstd,
                      NN_ChannelTensor:$new_mean, NN_ChannelTensor:$new_var);
  let assemblyFormat = [{
    $input `,` $weight `,` $bias `,` $running_mean `,` $running_var attr-dict `:` type($input)
    custom<ChannelTypes>(ref(type($input)), type($weight), type($bias), type($running_mean),
                         type($running_var))
  }];
}

def NN_BatchStatsOp : NN_PureOp<"batch_stats", [DeclareOpInterfaceMethods<ChannelReductionInterface>]> {
  let summary = "mean and 1/sqrt(var + eps) of the batch, and the new running statistics";
  let arguments = (ins NN_Tensor:$input, NN_ChannelTensor:$running_mean,
                       NN_ChannelTensor:$running_var, F64Attr:$eps, F64Attr:$momentum);
  let results = (outs NN_ChannelTensor:$mean, NN_ChannelTensor:$rstd,
                      NN_ChannelTensor:$new_mean, NN_ChannelTensor:$new_var);
  let assemblyFormat = [{
    $input `,` $running_mean `,` $running_var attr-dict `:` type($input)
    custom<ChannelTypes>(ref(type($input)), type($running_mean), type($running_var))
  }];
}

def NN_ScaleShiftOp : NN_PointwiseOp<"scale_shift"> {
  let summary = "scale and shift of normalization: weight*rstd, bias - mean*weight*rstd";
  let arguments = (ins NN_ChannelTensor:$mean, NN_ChannelTensor:$rstd,
                       NN_ChannelTensor:$weight, NN_ChannelTensor:$bias);
  let results = (outs NN_ChannelTensor:$scale, NN_ChannelTensor:$shift);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

def NN_RstdOp : NN_PointwiseOp<"rstd"> {
  let summary = "1/sqrt(variance + eps)";
  let arguments = (ins NN_Tensor:$variance, F64Attr:$eps);
  let results = (outs NN_Tensor:$rstd);
  let assemblyFormat = "$variance attr-dict `:` type($variance)";
}

def NN_ChannelAffineOp : NN_PointwiseOp<"channel_affine"> {
  let summary = "x*scale[c] + shift[c]";
  let arguments = (ins NN_Tensor:$input, NN_ChannelTensor:$scale, NN_ChannelTensor:$shift);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

def NN_BatchNormBackwardSumsOp : NN_PureOp<"batch_norm_backward_sums", [
    DeclareOpInterfaceMethods<ChannelReductionInterface>]> {
  let summary = "cotangents of weight and bias: sum of dy*xhat, sum of dy";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$input, NN_ChannelTensor:$mean,
                       NN_ChannelTensor:$rstd);
  let results = (outs NN_ChannelTensor:$weight_grad, NN_ChannelTensor:$bias_grad);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

def NN_BatchNormBackwardInputOp : NN_PureOp<"batch_norm_backward_input", [
    DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "the cotangent of the input: weight*rstd*(dy - mean(dy) - xhat*mean(dy*xhat))";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$input, NN_ChannelTensor:$mean,
                       NN_ChannelTensor:$rstd, NN_ChannelTensor:$weight,
                       NN_ChannelTensor:$weight_grad, NN_ChannelTensor:$bias_grad);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

def NN_BatchNormBackwardCoefficientsOp : NN_PointwiseOp<"batch_norm_backward_coefficients"> {
  let summary = "a, b, c of dx = a*dy + b*(x - mean) + c, per channel";
  let description = "`count` is the number of elements per channel.";
  let arguments = (ins NN_ChannelTensor:$rstd, NN_ChannelTensor:$weight,
                       NN_ChannelTensor:$weight_grad, NN_ChannelTensor:$bias_grad, F64Attr:$count);
  let results = (outs NN_ChannelTensor:$a, NN_ChannelTensor:$b, NN_ChannelTensor:$c);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

def NN_ChannelCombineOp : NN_PointwiseOp<"channel_combine"> {
  let summary = "x*a[c] + (y - mean[c])*b[c] + k[c]";
  let arguments = (ins NN_Tensor:$x, NN_Tensor:$y, NN_ChannelTensor:$mean, NN_ChannelTensor:$a,
                       NN_ChannelTensor:$b, NN_ChannelTensor:$k);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}
