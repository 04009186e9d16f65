// 2-D convolution, its two adjoints, and transposed convolution.
include "nn/NNBase.td"

def ConvAttributes {
  dag attrs = (ins
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{1, 1}">:$stride,
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{0, 0}">:$padding,
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{1, 1}">:$dilation,
    DefaultValuedOptionalAttr<I64Attr, "1">:$groups);
}

def NN_Conv2DOp : NN_PureOp<"conv2d", [
    DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<LayerInterface, ["getLayerSizes"]>,
    DeclareOpInterfaceMethods<CostInterface, ["getMacsWithPadding"]>,
    DeclareOpInterfaceMethods<WindowInterface, ["getWindowStride", "getWindowCentre"]>,
    DeclareOpInterfaceMethods<LayerKindInterface, ["addsBias"]>,
    DeclareOpInterfaceMethods<ChannelsInterface, ["lanesCycles", "channelsCycles"]>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout"]>, EpilogueInterface]> {
  let summary = "2-D convolution (cross-correlation) with stride, zero padding, dilation, groups";
  let description = [{
    `y[n,f,i,j] = bias[f] + sum over c,p,q of
       w[f,c,p,q] * x[n, c + first(f), i*stride + p*dilation - padding, ...]`,
    where filter f sees the C/groups channels of its group. `[N,C,H,W]` and
    `[F,C/groups,KH,KW]` to `[N,F,OH,OW]`, with
    OH = floor((H + 2*padding - dilation*(KH-1) - 1) / stride) + 1, as in PyTorch. `padding`
    is [height, width], or [top, left, bottom, right].

    Constraints: [conv2d_c1] input and filter have four dimensions; [conv2d_c2] stride
    and dilation have two entries, padding two or four, stride and dilation are positive,
    padding is not negative; [conv2d_c3] the filter's channels times groups are the input's; [conv2d_c4]
    groups is positive and divides the filters; [conv2d_c5] the bias is [F]; [conv2d_c6]
    the dilated kernel fits into the padded input; [conv2d_c7] one element type;
    [conv2d_c9] (backward) the cotangent has the shape and type of the output.

    Example: `%y = nn.conv2d %x, %w {padding = array<i64: 1, 1>}
                : tensor<128x10x12x12xf32>, tensor<16x10x3x3xf32>`
  }];
  let arguments = !con((ins NN_Tensor:$input, NN_Tensor:$filter, Optional<NN_Tensor>:$bias),
                       ConvAttributes.attrs);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict `:` type($input) `,` type($filter)
    (`,` type($bias)^)?
  }];
}

def NN_Conv2DBackwardDataOp : NN_PureOp<"conv2d_backward_data", [
    DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<JoinInterface, ["joinSum"]>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout"]>, EpilogueInterface,
    DeclareOpInterfaceMethods<ChannelsInterface, ["lanesCycles", "channelsCycles"]>]> {
  let summary = "the cotangent of conv2d's input";
  let description = "`input_size` is [H, W] of the input.";
  let arguments = !con((ins NN_Tensor:$cotangent, NN_Tensor:$filter,
                            DenseI64ArrayAttr:$input_size), ConvAttributes.attrs);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $filter attr-dict `:` type($cotangent) `,` type($filter)";
}

def NN_Conv2DBackwardDataSumOp : NN_PureOp<"conv2d_backward_data_sum", [
    DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout"]>, EpilogueInterface]> {
  let summary = "the cotangent of an input that two convolutions of one stride read";
  let description = [{
    The sum of two `conv2d_backward_data`, without groups; `other_padding` and `other_dilation`
    are the second one's. join-kernels makes it from both.

    Constraint [conv2d_c8]: both filters see as many channels.

    Example: `%dx = nn.conv2d_backward_data_sum %dy, %w, %dz, %v {input_size = array<i64: 16, 16>,
                stride = array<i64: 2, 2>, padding = array<i64: 1, 1>}
                : tensor<128x32x8x8xf32>, tensor<32x16x3x3xf32>, tensor<128x32x8x8xf32>, tensor<32x16x1x1xf32>`
  }];
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$filter,
                       NN_Tensor:$other_cotangent, NN_Tensor:$other_filter,
                       DenseI64ArrayAttr:$input_size,
                       DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{1, 1}">:$stride,
                       DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{0, 0}">:$padding,
                       DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{1, 1}">:$dilation,
                       DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{0, 0}">:$other_padding,
                       DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{1, 1}">:$other_dilation);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = [{
    $cotangent `,` $filter `,` $other_cotangent `,` $other_filter attr-dict
    `:` type($cotangent) `,` type($filter) `,` type($other_cotangent) `,` type($other_filter)
  }];
}

def NN_Conv2DBackwardWeightsOp : NN_PureOp<"conv2d_backward_weights", [
    DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getResultLayout"]>,
    DeclareOpInterfaceMethods<PrologueInterface, ["readsOnce"]>]> {
  let summary = "the cotangent of conv2d's filter";
  let description = "`kernel_size` is [KH, KW].";
  let arguments = !con((ins NN_Tensor:$input, NN_Tensor:$cotangent,
                            DenseI64ArrayAttr:$kernel_size), ConvAttributes.attrs);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$input `,` $cotangent attr-dict `:` type($input) `,` type($cotangent)";
}

// --- The adjoint as a layer --------------------------------------------------------------

def NN_ConvTranspose2DOp : NN_PureOp<"conv_transpose2d", [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<ExpandInterface>,
    DeclareOpInterfaceMethods<LayerInterface, ["getLayerSizes"]>,
    DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<WindowInterface, ["getWindowUpscale", "getWindowCentre"]>,
    DeclareOpInterfaceMethods<LayerKindInterface, ["addsBias"]>]> {
  let summary = "2-D transposed convolution: conv2d_backward_data as a layer";
  let description = [{
    As `torch.nn.functional.conv_transpose2d`, with its layout of the filter: each pixel of
    the input adds `x[n,c,i,j] * w[c,f,p,q]` to pixel `i*stride + p*dilation - padding` of
    output channel f of its group. `[N,C,H,W]` and `[C,F/groups,KH,KW]` to `[N,F,OH,OW]`, with
    OH = (H-1)*stride - 2*padding + dilation*(KH-1) + output_padding + 1. `output_padding`
    chooses one of the `stride` sizes that a convolution maps to H.

    The op consists of the convolution's kernels: it is `conv2d_backward_data` with the same
    filter, and `conv_bias`; the gradient of its input is `conv2d`, that of its filter
    `conv2d_backward_weights` with input and cotangent exchanged.

    Constraints: [conv_transpose2d_c1] input and filter have four dimensions, of which only N
    may be dynamic; [conv_transpose2d_c2] stride, padding, output_padding and dilation have
    two entries, stride and dilation positive, the paddings not negative;
    [conv_transpose2d_c3] the filter has as many rows [F/groups,KH,KW] as the input channels;
    [conv_transpose2d_c4] groups is positive and divides them; [conv_transpose2d_c5] the
    bias is [F]; [conv_transpose2d_c6] the output has pixels; [conv_transpose2d_c7] one
    element type; [conv_transpose2d_c8] output_padding is less than stride or dilation, and less
    than padding + stride (no tap reaches further).

    Example: `%y = nn.conv_transpose2d %x, %w {stride = array<i64: 2, 2>}
                : tensor<128x16x7x7xf32>, tensor<16x8x2x2xf32>`
  }];
  let arguments = !con((ins NN_Tensor:$input, NN_Tensor:$filter, Optional<NN_Tensor>:$bias),
                       ConvAttributes.attrs,
                       (ins DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{0, 0}">:$output_padding));
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict `:` type($input) `,` type($filter)
    (`,` type($bias)^)?
  }];
}

def NN_ConvBiasOp : NN_PointwiseOp<"conv_bias"> {
  let summary = "x + bias[c]: the bias of a transposed convolution";
  let arguments = (ins NN_Tensor:$input, NN_ChannelTensor:$bias);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input `,` $bias attr-dict `:` type($input) `,` type($bias)";
}

// --- With channels in the vector lanes: what assign-layouts makes of conv2d ---

def NN_Conv2DPackFilterOp : NN_PureOp<"conv2d_pack_filter", [
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout", "getResultLayout"]>]> {
  let summary = "a filter as conv2d_channels reads it";
  let description = [{
    `[F,C/groups,KH,KW]` to `[Fpad/width,KH,KW,CI,width]`: the filters that share a vector are
    neighbours, and Fpad is the next multiple of `width`, with zeros past F. CI is 1 if every
    channel has a filter of its own, C if a vector holds filters of several groups (with zeros
    for the channels that a filter does not see), otherwise C/groups. `turned`, of one group:
    as the cotangent of the input is convolved, with filters and channels exchanged and each
    filter turned by 180 degrees.

    Constraint [conv2d_c10] (of all ops for the channels layout): width is 1 to 1024, tile 2
    or 4, and filter and output have the shapes that these give.
  }];
  let arguments = (ins NN_Tensor:$filter, I64Attr:$width, I64Attr:$groups, UnitAttr:$turned);
  let results = (outs NN_Tensor:$packed);
  let assemblyFormat = "$filter attr-dict `:` type($filter)";
}

def NN_Conv2DChannelsOp : NN_Op<"conv2d_channels", [Pure,
    DeclareOpInterfaceMethods<ReferenceInterface>, DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout", "getResultLayout"]>,
    EpilogueInterface]> {
  let summary = "conv2d into the channels layout, with a packed filter";
  let description = [{
    The input is in channels layout, or dense. Its elements are read one by one and
    broadcast, so they may lie anywhere.
  }];
  let hasVerifier = 1;
  let arguments = !con((ins NN_Tensor:$input, NN_Tensor:$filter, Optional<NN_Tensor>:$bias),
                       ConvAttributes.attrs);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict `:` type($input) `,` type($filter)
    (`,` type($bias)^)? `->` type($output)
  }];
}

def NN_Conv2DChannelsWinogradFilterOp : NN_PureOp<"conv2d_channels_winograd_filter", [
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout", "getResultLayout"]>]> {
  let summary = "a 3x3 filter as conv2d_channels_winograd reads it: G g transpose(G)";
  let description = [{
    `[F,C,3,3]` to `[(tile+2)^2,Fpad/width,C,width]`, Fpad being the next multiple of `width`,
    with zeros past F: the filters that share a vector are neighbours, channel after channel.
    `tile` is 2 or 4. `turned`: as the cotangent of the input is convolved, with filters and
    channels exchanged and each filter turned by 180 degrees.
  }];
  let arguments = (ins NN_Tensor:$filter, I64Attr:$tile, I64Attr:$width, UnitAttr:$turned);
  let results = (outs NN_Tensor:$transformed);
  let assemblyFormat = "$filter attr-dict `:` type($filter)";
}

def NN_Conv2DChannelsWinogradOp : NN_Op<"conv2d_channels_winograd", [Pure,
    DeclareOpInterfaceMethods<ReferenceInterface>, DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout", "getResultLayout"]>,
    EpilogueInterface]> {
  let summary = "conv2d into the channels layout by Winograd's F(tile x tile, 3x3)";
  let hasVerifier = 1;
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$filter, Optional<NN_Tensor>:$bias,
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{0, 0}">:$padding, I64Attr:$tile);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict `:` type($input) `,` type($filter)
    (`,` type($bias)^)? `->` type($output)
  }];
}
