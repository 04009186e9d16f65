// Normalization of each sample along axes: what layer, instance and group norm share.
include "nn/NNBase.td"

def NN_NormalizeOp : NN_PureOp<"normalize", [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<ExpandInterface>,
    DeclareOpInterfaceMethods<WindowInterface, ["getWindowStride"]>,
    DeclareOpInterfaceMethods<LayerKindInterface>]> {
  let summary = "(x - mean) / sqrt(variance + eps), of each sample along axes";
  let description = [{
    Mean and (biased) variance are those along `axes`, which count from 0; -1 is the last.
    Other layers are built from it:

    - layer norm: `axes` are the last ones, then `nn.mul` and `nn.add` with parameters of
      their sizes;
    - instance norm: `axes` are those of space, 2 and 3;
    - group norm: `nn.reshape` to `[N, groups, C/groups, H, W]`, axes 2, 3 and 4, and back.

    Constraints: [normalize_c1] there is an axis, and each is one of the input's, named once;
    [normalize_c2] none is the batch; [normalize_c3] eps is positive.

    Example: `%y = nn.normalize %x {axes = array<i64: -1>} : tensor<?x16x32xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$axes,
                       DefaultValuedOptionalAttr<F64Attr, "1e-5">:$eps);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

// The axes of the following are in ascending order, and kept with size 1.

def NN_NormalizeRstdOp : NN_PureOp<"normalize_rstd", [
    CompilerOp, DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "1 / sqrt(variance + eps) along axes";
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$axes, F64Attr:$eps);
  let results = (outs NN_Tensor:$rstd);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def NN_NormalizeBackwardOp : NN_PureOp<"normalize_backward", [
    CompilerOp, DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "rstd * (dy - mean(dy) - y * mean(dy * y)), where y is what normalize gave";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$output, NN_Tensor:$rstd,
                       DenseI64ArrayAttr:$axes);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

def NN_AxisMeanOp : NN_PureOp<"axis_mean", [CompilerOp, DeclareOpInterfaceMethods<LinalgInterface>]> {
  let summary = "the mean along axes, of a tensor or of the product of two";
  let arguments = (ins Variadic<NN_Tensor>:$inputs, DenseI64ArrayAttr:$axes);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$inputs attr-dict `:` type($inputs)";
}

def NN_AxisVarianceOp : NN_PureOp<"axis_variance", [CompilerOp, DeclareOpInterfaceMethods<LinalgInterface>]> {
  let summary = "the mean square distance from a mean along axes";
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$mean, DenseI64ArrayAttr:$axes);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input `,` $mean attr-dict `:` type($input) `,` type($mean)";
}

def NN_CenterScaleOp : NN_BroadcastingOp<"center_scale", [CompilerOp]> {
  let summary = "(x - mean) * rstd";
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$mean, NN_Tensor:$rstd);
  let assemblyFormat = "$input `,` $mean `,` $rstd attr-dict `:` type($input) `,` type($mean) `,` type($rstd)";
}

def NN_NormalizeBackwardInputOp : NN_BroadcastingOp<"normalize_backward_input", [CompilerOp]> {
  let summary = "(dy - mean(dy) - y * mean(dy * y)) * rstd, of its parts";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$normalized, NN_Tensor:$mean,
                       NN_Tensor:$product, NN_Tensor:$rstd);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}
