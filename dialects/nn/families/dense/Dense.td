// Products of matrices: fully connected layers, and any two tensors.
include "nn/NNBase.td"

def NN_LinearOp : NN_PureOp<"linear", [
    DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<LayerInterface, ["getLayerSizes"]>,
    DeclareOpInterfaceMethods<CostInterface>, DeclareOpInterfaceMethods<WindowInterface>,
    DeclareOpInterfaceMethods<LayerKindInterface, ["addsBias"]>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout"]>, EpilogueInterface,
    DeclareOpInterfaceMethods<ChannelsInterface, ["lanesCycles", "channelsCycles"]>]> {
  let summary = "y = x * transpose(w) + bias";
  let description = [{
    `y[n,o] = bias[o] + sum over i of x[n,i] * w[o,i]`: `[N,I]` and `[O,I]` to `[N,O]`, as
    in PyTorch. In a sequence `[N, ..., I]` each position is one more row: `[N, ..., O]`.

    Constraints: [linear_c1] the input has two dimensions or more, the weight two, static
    but for N; [linear_c2] the weight's second dimension is the input's last; [linear_c3] the
    bias is [O]; [linear_c4] one element type; [linear_c5] (backward) the cotangent is
    [N, ..., O].

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
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout"]>, EpilogueInterface]> {
  let summary = "the cotangent of linear's input: dy * w";
  let arguments = (ins NN_Tensor:$cotangent, NN_Tensor:$weight);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent `,` $weight attr-dict `:` type($cotangent) `,` type($weight)";
}

def NN_LinearBackwardWeightsOp : NN_PureOp<"linear_backward_weights", [
    DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getResultLayout"]>]> {
  let summary = "the cotangent of linear's weight: transpose(dy) * x";
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$cotangent);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$input `,` $cotangent attr-dict `:` type($input) `,` type($cotangent)";
}

// --- With outputs in the lanes ---------------------------------------------------------

def NN_LinearPackWeightOp : NN_PureOp<"linear_pack_weight", [
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout", "getResultLayout"]>]> {
  let summary = "a weight as linear_channels reads it";
  let description = [{
    `[O,I]` to `[Opad/width,I,width]`: the outputs that share a vector are neighbours, and
    Opad is the next multiple of `width`, with zeros past O.

    Constraint [linear_c6] (of both ops for the channels layout): width is 1 to 1024, the
    input is [N, I], and packed weight and output have the shapes that these give.
  }];
  let arguments = (ins NN_Tensor:$weight, I64Attr:$width);
  let results = (outs NN_Tensor:$packed);
  let assemblyFormat = "$weight attr-dict `:` type($weight)";
}

def NN_LinearChannelsOp : NN_Op<"linear_channels", [Pure,
    DeclareOpInterfaceMethods<ReferenceInterface>, DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout", "getResultLayout"]>,
    EpilogueInterface]> {
  let summary = "linear into the channels layout, with a packed weight";
  let description = [{
    The input is in channels layout, or dense. Its elements are read one by one and
    broadcast, so they may lie anywhere.
  }];
  let hasVerifier = 1;
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$weight, Optional<NN_Tensor>:$bias);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $input `,` $weight (`bias` $bias^)? attr-dict `:` type($input) `,` type($weight)
    (`,` type($bias)^)? `->` type($output)
  }];
}

// --- Products of any two --------------------------------------------------------------

def NN_MatmulOp : NN_PureOp<"matmul", [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<CostInterface>,
    DeclareOpInterfaceMethods<LinalgInterface>]> {
  let summary = "the products of the matrices that two tensors hold";
  let description = [{
    `c[..,m,e] = sum over k of a[..,m,k] * b[..,k,e]`, with a as `[.., K, M]` if
    `transpose_lhs`, b as `[.., E, K]` if `transpose_rhs`. Leading dimensions are combined by
    NumPy's rule: aligned at the last, 1 and missing ones repeated. So a matrix without a
    batch is multiplied with each sample's matrix.

    Constraints: [matmul_c1] both have two dimensions or more, and one element type;
    [matmul_c2] both have K elements to add up; [matmul_c3] the dimensions in front go
    together; [matmul_c4] an open batch is not added up, and is dimension 0 of the result.

    Example: `%c = nn.matmul %q, %k {transpose_rhs = true}
                : tensor<?x4x16x8xf32>, tensor<?x4x16x8xf32>`
  }];
  let arguments = (ins NN_Tensor:$lhs, NN_Tensor:$rhs,
                       DefaultValuedOptionalAttr<BoolAttr, "false">:$transpose_lhs,
                       DefaultValuedOptionalAttr<BoolAttr, "false">:$transpose_rhs);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
}
