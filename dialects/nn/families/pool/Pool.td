// 2-D pooling and its adjoints.
include "nn/NNBase.td"

def PoolAttributes {
  dag attrs = (ins DenseI64ArrayAttr:$kernel, OptionalAttr<DenseI64ArrayAttr>:$stride,
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{0, 0}">:$padding,
    DefaultValuedOptionalAttr<BoolAttr, "false">:$ceil_mode);
  dag max = !con(attrs, (ins DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{1, 1}">:$dilation));
  dag avg = !con(attrs, (ins DefaultValuedOptionalAttr<BoolAttr, "true">:$count_include_pad));
}

def NN_MaxPool2DOp : NN_PureOp<"max_pool2d", [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<LayerInterface>,
    DeclareOpInterfaceMethods<WindowInterface, ["getWindowStride", "getWindowCentre"]>,
    DeclareOpInterfaceMethods<LayerKindInterface>, DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["isLanewise"]>, EpilogueInterface]> {
  let summary = "the maximum of each window";
  let description = [{
    `y[n,c,i,j] = max over p,q of x[n, c, i*stride + p*dilation - padding, ...]`.
    `[N,C,H,W]` to `[N,C,OH,OW]`, with
    OH = floor((H + 2*padding - dilation*(KH-1) - 1) / stride) + 1, as in PyTorch. `stride`
    defaults to `kernel`. Padding counts as minus infinity, and a NaN as larger than every
    number. `padding` is [height, width], or [top, left, bottom, right].

    With `ceil_mode` the quotient is rounded up: windows may reach beyond the padded image.
    A window that would begin after the image, in the padding or beyond, is left out.

    Constraints (of all windowed pools): [pool2d_c1] the input is [N, C, H, W], static but
    for N; [pool2d_c2] kernel, stride and dilation have two entries, padding two or four,
    padding not negative, the others positive; [pool2d_c3] padding is at most half the
    kernel, so that no window lies in the padding alone; [pool2d_c4] the dilated kernel fits
    into the padded input, or with `ceil_mode` there is a window; [pool2d_c5] (backward) the cotangent has the shape of the pooled input. Of the
    maximum: [pool2d_c6] the taps of a window that can lie inside the image have numbers
    below 2^31 (2^63 in f64).

    Example: `%y = nn.max_pool2d %x {kernel = array<i64: 2, 2>} : tensor<128x10x24x24xf32>`
  }];
  let arguments = !con((ins NN_Tensor:$input), PoolAttributes.max);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
}

def NN_MaxPool2DBackwardOp : NN_PureOp<"max_pool2d_backward", [
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<EpilogueInterface, ["supportsEpilogue"]>]> {
  let summary = "the cotangent of max_pool2d's input";
  let description = [{
    The cotangent of a window goes to its maximum: to the first in row-major order if several
    are equal, and to the last NaN if there are NaNs, as in PyTorch.
  }];
  let arguments = !con((ins NN_Tensor:$cotangent, NN_Tensor:$input), PoolAttributes.max);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $input attr-dict `:` type($cotangent) `,` type($input)";
}

def NN_AvgPool2DOp : NN_PureOp<"avg_pool2d", [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<LayerInterface>,
    DeclareOpInterfaceMethods<WindowInterface, ["getWindowStride", "getWindowCentre"]>,
    DeclareOpInterfaceMethods<LayerKindInterface>, DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["isLanewise"]>, EpilogueInterface]> {
  let summary = "the mean of each window";
  let description = [{
    Shapes, defaults and constraints as for max_pool2d, without dilation. The mean counts
    padding as zeros, unless `count_include_pad` is false. Then the sum of a window at the
    border is divided by the number of its pixels inside the input. With `ceil_mode`, places
    beyond the padding never count.

    Example: `%y = nn.avg_pool2d %x {kernel = array<i64: 2, 2>} : tensor<128x10x24x24xf32>`
  }];
  let arguments = !con((ins NN_Tensor:$input), PoolAttributes.avg);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

def NN_AvgPool2DBackwardOp : NN_PureOp<"avg_pool2d_backward", [
    DeclareOpInterfaceMethods<LoweringInterface>, EpilogueInterface]> {
  let summary = "the cotangent of avg_pool2d's input";
  let description = "`input_size` is [H, W] of the input.";
  let arguments = !con((ins NN_Tensor:$cotangent, DenseI64ArrayAttr:$input_size),
                       PoolAttributes.avg);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent attr-dict `:` type($cotangent)";
}

def NN_GlobalAvgPoolOp : NN_PureOp<"global_avg_pool", [
    DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<WindowInterface, ["getWindowStride"]>,
    DeclareOpInterfaceMethods<LayerKindInterface>, DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["isLanewise"]>, EpilogueInterface]> {
  let summary = "the mean of each channel of each image";
  let description = [{
    `[N,C,H,W]` to `[N,C,1,1]`; PyTorch's `adaptive_avg_pool2d` to size 1.

    Constraint: [global_avg_pool_c1] the input is [N, C, H, W], static but for N, and
    has pixels.

    Example: `%y = nn.global_avg_pool %x : tensor<128x16x6x6xf32>`
  }];
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
}

def NN_GlobalAvgPoolBackwardOp : NN_PureOp<"global_avg_pool_backward", [
    DeclareOpInterfaceMethods<LoweringInterface>, EpilogueInterface]> {
  let summary = "the cotangent of global_avg_pool's input";
  let description = [{
    `input_size` is [H, W] of the input. Constraint: [global_avg_pool_c2] the cotangent is
    [N, C, 1, 1] and `input_size` two positive numbers.
  }];
  let arguments = (ins NN_Tensor:$cotangent, DenseI64ArrayAttr:$input_size);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent attr-dict `:` type($cotangent)";
}

def NN_AdaptiveAvgPool2DOp : NN_PureOp<"adaptive_avg_pool2d", [
    DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<WindowInterface, ["getWindowStride", "getWindowUpscale", "getWindowCentre"]>,
    DeclareOpInterfaceMethods<LayerKindInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["isLanewise"]>, EpilogueInterface]> {
  let summary = "means of a given number of windows, for any image size";
  let description = [{
    `[N,C,H,W]` to `[N,C,OH,OW]` with `output_size` [OH, OW], as PyTorch's
    `adaptive_avg_pool2d`: window i of an axis reaches from floor(i*H/OH) to before
    ceil((i+1)*H/OH). Windows overlap by a pixel where OH does not divide H.

    Constraints: [adaptive_avg_pool2d_c1] the input is [N, C, H, W], static but for N, and has
    pixels; [adaptive_avg_pool2d_c2] output_size, and of the adjoint input_size, are two
    numbers from 1 to 2^20.

    Example: `%y = nn.adaptive_avg_pool2d %x {output_size = array<i64: 7, 7>} : tensor<128x16x13x13xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$output_size);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

def NN_AdaptiveAvgPool2DBackwardOp : NN_PureOp<"adaptive_avg_pool2d_backward", [
    DeclareOpInterfaceMethods<LoweringInterface>, EpilogueInterface]> {
  let summary = "the cotangent of adaptive_avg_pool2d's input";
  let description = "`input_size` is [H, W] of the input.";
  let arguments = (ins NN_Tensor:$cotangent, DenseI64ArrayAttr:$input_size);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent attr-dict `:` type($cotangent)";
}
