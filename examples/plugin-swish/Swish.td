// Swish, also called SiLU, and its adjoint.
include "nn/NNBase.td"

def NN_SwishOp : NN_PointwiseOp<"swish", [DeclareOpInterfaceMethods<GradientInterface>,
                                        DeclareOpInterfaceMethods<LayerKindInterface>]> {
  let summary = "x * sigmoid(beta*x)";
  let description = [{
    Ramachandran, Zoph and Le, 2017; with beta = 1, the default, PyTorch's `silu`. Any shape.

    Constraint [swish_c1]: beta is finite.

    Example: `%y = nn.swish %x {beta = 1.5} : tensor<128x16x26x26xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DefaultValuedOptionalAttr<F64Attr, "1.0">:$beta);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def NN_SwishBackwardOp : NN_PointwiseOp<"swish_backward", [SameTypeOperands]> {
  let summary = "the cotangent of swish's input: dy * s*(1 + beta*x*(1 - s)), s = sigmoid(beta*x)";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$input,
                       DefaultValuedOptionalAttr<F64Attr, "1.0">:$beta);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $input attr-dict `:` type($cotangent)";
}
