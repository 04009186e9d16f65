// Activations: a formula per element.
include "nn/NNBase.td"

def NN_ReluOp : NN_PointwiseOp<"relu", [DeclareOpInterfaceMethods<GradientInterface>]> {
  let summary = "max(x, 0)";
  let description = [{
    A NaN stays a NaN, as in PyTorch.

    Example: `%y = nn.relu %x : tensor<128x16x26x26xf32>`
  }];
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
}

def NN_ReluBackwardOp : NN_PointwiseOp<"relu_backward", [SameTypeOperands]> {
  let summary = "the cotangent where the output is positive, else 0";
  let description = "At 0 the derivative is taken as 0, as in PyTorch.";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$output);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $output attr-dict `:` type($cotangent)";
}
