// Blur pooling and its adjoint.
include "nn/NNBase.td"

def NN_BlurPoolOp : NN_PureOp<"blur_pool", [
    DeclareOpInterfaceMethods<CostInterface>, DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<LinalgInterface>, DeclareOpInterfaceMethods<LayerKindInterface>,
    DeclareOpInterfaceMethods<WindowInterface, ["getWindowStride", "getWindowCentre"]>]> {
  let summary = "every `stride`-th pixel of the image, smoothed";
  let description = [{
    `y[n,c,i,j] = sum over p,q of b[p]*b[q] * x[n, c, i*stride + p - pad, j*stride + q - pad]`
    with the binomial filter b of `size` taps, whose sum is 1, and pad = (size - 1) / 2;
    outside of the image are zeros. `[N,C,H,W]` to `[N,C,OH,OW]`, with
    OH = (H + 2*pad - size) / stride + 1, rounded down. Zhang, 2019, "Making convolutional
    networks shift-invariant again".

    Constraints: [blur_pool_c1] the input is [N, C, H, W], static but for N;
    [blur_pool_c2] size is 2 to 7 and stride positive; [blur_pool_c3] the filter fits into
    the padded image.

    Example: `%y = nn.blur_pool %x : tensor<128x16x24x24xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DefaultValuedOptionalAttr<I64Attr, "3">:$size,
                       DefaultValuedOptionalAttr<I64Attr, "2">:$stride);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def NN_BlurPoolBackwardOp : NN_PureOp<"blur_pool_backward", [
    DeclareOpInterfaceMethods<CostInterface>, DeclareOpInterfaceMethods<LinalgInterface>]> {
  let summary = "the cotangent of blur_pool's input";
  let description = [{
    `input_size` is [H, W] of the input. Constraint: [blur_pool_c4] the cotangent has the
    shape of the pooled input.
  }];
  let arguments = (ins NN_Tensor:$cotangent, DenseI64ArrayAttr:$input_size,
                       DefaultValuedOptionalAttr<I64Attr, "3">:$size,
                       DefaultValuedOptionalAttr<I64Attr, "2">:$stride);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent attr-dict `:` type($cotangent)";
}
