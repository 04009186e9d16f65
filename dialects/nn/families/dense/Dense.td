// Fully connected layers.
include "nn/NNBase.td"

def NN_LinearOp : NN_PureOp<"linear", [
    DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<CostInterface>, DeclareOpInterfaceMethods<WindowInterface>,
    DeclareOpInterfaceMethods<LoweringInterface, ["getOperandLayout", "supportsEpilogue"]>]> {
  let summary = "y = x * transpose(w) + bias";
  let description = [{
    `y[n,o] = bias[o] + sum over i of x[n,i] * w[o,i]`: `[N,I]` and `[O,I]` to `[N,O]`, as
    in PyTorch.

    Constraints: [linear_c1] input and weight have two dimensions, static but for N;
    [linear_c2] the weight's second dimension is the input's; [linear_c3] the bias is [O];
    [linear_c4] one element type; [linear_c5] (backward) the cotangent is [N, O].

    Example: `%y = nn.linear %x, %w bias %b
                : tensor<128x256xf32>, tensor<10x256xf32>, tensor<10xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$weight, Optional<NN_Tensor>:$bias);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $input `,` $weight (`bias` $bias^)? attr-dict `:` type($input) `,` type($weight)
    (`,` type($bias)^)?
  }];
}

def NN_LinearBackwardDataOp : NN_PureOp<"linear_backward_data", [
    DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<LoweringInterface, ["getOperandLayout", "supportsEpilogue"]>]> {
  let summary = "the cotangent of linear's input: dy * w";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$weight);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $weight attr-dict `:` type($cotangent) `,` type($weight)";
}

def NN_LinearBackwardWeightsOp : NN_PureOp<"linear_backward_weights", [
    DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<LoweringInterface, ["getResultLayout"]>]> {
  let summary = "the cotangent of linear's weight: transpose(dy) * x";
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$cotangent);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$input `,` $cotangent attr-dict `:` type($input) `,` type($cotangent)";
}
