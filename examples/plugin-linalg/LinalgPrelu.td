// ReLU with a trained slope, and its adjoint.
include "nn/NNBase.td"

class NN_LinalgPreluFormula<string mnemonic, list<Trait> traits>
    : NN_PureOp<mnemonic, traits # [DeclareOpInterfaceMethods<LinalgInterface>]>;

def NN_LinalgPreluOp : NN_LinalgPreluFormula<"linalg_prelu", [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<LayerInterface>]> {
  let summary = "x where x > 0, else slope*x";
  let description = [{
    He, Zhang, Ren and Sun, 2015; PyTorch's `PReLU` with a slope per channel: `[N, C, ...]`
    and `[C]`.

    Constraint [linalg_prelu_c1]: there is one slope for each channel.

    Example: `%y = nn.linalg_prelu %x, %slope : tensor<128x16x26x26xf32>, tensor<16xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, NN_ChannelTensor:$slope);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input `,` $slope attr-dict `:` type($input) `,` type($slope)";
}

def NN_LinalgPreluBackwardOp : NN_LinalgPreluFormula<"linalg_prelu_backward", [AllTypesMatch<["cotangent", "input"]>]> {
  let summary = "the cotangent of prelu's input: dy where x > 0, else slope*dy";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$input, NN_ChannelTensor:$slope);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = [{
    $cotangent `,` $input `,` $slope attr-dict `:` type($input) `,` type($slope)
  }];
}

def NN_LinalgPreluBackwardSlopeOp : NN_LinalgPreluFormula<"linalg_prelu_backward_slope", [SameTypeOperands]> {
  let summary = "what each element adds to the cotangent of the slope: 0 where x > 0, else x*dy";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$input);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $input attr-dict `:` type($input)";
}
