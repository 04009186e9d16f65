// @name@ and its adjoint.
include "nn/NNBase.td"

def NN_@Name@Op : NN_PointwiseOp<"@name@", [DeclareOpInterfaceMethods<GradientInterface>]> {
  let summary = "x / (1 + scale*|x|)";
  let description = [{
    The soft sign, of any shape. Constraint [@name@_c1]: scale is positive.

    Example: `%y = nn.@name@ %x {scale = 2.0} : tensor<128x10xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DefaultValuedOptionalAttr<F64Attr, "1.0">:$scale);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def NN_@Name@BackwardOp : NN_PointwiseOp<"@name@_backward", [SameTypeOperands]> {
  let summary = "the cotangent of the input: dy / (1 + scale*|x|)^2";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$input, F64Attr:$scale);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $input attr-dict `:` type($cotangent)";
}
