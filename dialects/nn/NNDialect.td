#ifndef GRADMILL_NN_DIALECT_TD
#define GRADMILL_NN_DIALECT_TD
include "nn/NNBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

def NN_YieldOp : NN_Op<"yield", [Pure, Terminator, ReturnLike]> {
  let summary = "the values that leave a fused kernel, or the element that a formula yields";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def NN_FusedOp : NN_Op<"fused", [Pure, SingleBlock]> {
  let summary = "ops computed in one sweep over the batch";
  let description = [{
    The fuser makes it. It has at most one op with a loop nest of its own (the anchor).
    Pointwise ops before the anchor compute elements that it reads. Pointwise ops and channel
    reductions after it work on the elements that it makes. Values between them stay in
    registers; only yielded values are stored.
  }];
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 0;
  let assemblyFormat = "$body attr-dict `:` type($results)";
}
// --- State -----------------------------------------------------------------

def NN_ParameterOp : NN_Op<"parameter", [Pure, GraphOp]> {
  let summary = "a tensor that belongs to the model";
  let description = [{
    Its value at the start of the step. `role` is `parameter` (trained; the default),
    `buffer` (running statistics) or `optimizer` (state of the update rule). The compiler
    also makes tensors with the roles `gradient` (the sum of a parameter's gradients over
    several batches), `average` (of a parameter or buffer, over the steps) and `prepared`
    (computed once from the others).

    `init` is the value before training: a number (every element), `dense<...>` (the values),
    "kaiming_uniform" (U(-1/sqrt(fan_in), 1/sqrt(fan_in)), PyTorch's default for convolutions
    and linear layers; the default for rank > 1), or "kaiming_normal" (N(0, 2/fan_in)). fan_in
    is the number of elements of one output's filter, unless the attribute `fan_in` gives
    another number, as for a bias, which is drawn like its filter. Two reads of one name are
    the same tensor.

    Constraints: [parameter_c1] the name is 1 to 1024 bytes of UTF-8 without control
    characters, and not `__metadata__`; [parameter_c2] the role is known, and in a graph file
    one of the first two; [parameter_c3] init fits the type; [parameter_c4] the shape is
    static; [parameter_c5] fan_in is positive, and goes with a distribution.

    Example: `%w = nn.parameter "conv1.weight" : tensor<16x1x3x3xf32>`
  }];
  let arguments = (ins StrAttr:$name, OptionalAttr<StrAttr>:$role, OptionalAttr<AnyAttr>:$init,
                       OptionalAttr<I64Attr>:$fan_in);
  let results = (outs NN_Tensor:$value);
  let assemblyFormat = "$name attr-dict `:` type($value)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::llvm::StringRef roleOrDefault() { return getRole().value_or("parameter"); }
    bool isTrainable() { return roleOrDefault() == "parameter"; }
  }];
}

def NN_AssignOp : NN_Op<"assign"> {
  let summary = "sets a parameter at the end of the step";
  let arguments = (ins StrAttr:$name, NN_Tensor:$value);
  let assemblyFormat = "$name `,` $value attr-dict `:` type($value)";
}

def NN_ConstantOp : NN_Op<"constant", [Pure, GraphOp, NN_InferTypes, ConstantLike,
                                        DeclareOpInterfaceMethods<ReferenceInterface>]> {
  let summary = "a tensor with a fixed value";
  let description = "Constraint [constant_c1]: the value is `dense<...>`.";
  let arguments = (ins ElementsAttr:$value);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

// --- Sums: residual connections, where cotangents meet, what flows back to a bias ---

def NN_AddOp : NN_BroadcastingOp<"add", [Commutative, DeclareOpInterfaceMethods<GradientInterface>]> {
  let summary = "the sum of two tensors";
  let description = [{
    Two tensors of one shape, or of shapes that fit by NumPy's rule. A vector of channels is
    `[C, 1, 1]` beside `[N, C, H, W]`.

    Constraint: [add_c1] the shapes fit.

    Examples: `%y = nn.add %a, %b : tensor<128x16x8x8xf32>`,
    `%y = nn.add %x, %bias : tensor<?x16x32xf32>, tensor<32xf32>`
  }];
  let arguments = (ins NN_Tensor:$lhs, NN_Tensor:$rhs);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` custom<OneOrTwoTypes>(type($lhs), type($rhs))";
}

def NN_BroadcastOp : NN_RepeatingOp<"broadcast", [DeclareOpInterfaceMethods<GradientInterface>]> {
  let summary = "a tensor repeated to a shape";
  let description = [{
    By NumPy's rule: aligned at the last dimension, sizes of 1 and missing dimensions are
    repeated. A 0 in `shape` is the input's own size, such as that of the batch.

    Constraint: [broadcast_c1] the input can be repeated to the shape, which has at least as
    many dimensions.

    Example: `%y = nn.broadcast %x {shape = array<i64: 0, 16, 7, 7>} : tensor<?x16x1x1xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$shape);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def NN_SumToOp : NN_PureOp<"sum_to", [CompilerOp, DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "the sum over the repeated dimensions: the adjoint of broadcast";
  let description = [{
    Sums the input over the dimensions that `shape` lacks, and over those where `shape` has a
    1. A 0 in `shape` is the input's own size there.

    Constraint: [sum_to_c1] `shape` can be repeated to the input's.
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$shape);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def NN_RepeatedSumOp : NN_PureOp<"repeated_sum", [CompilerOp,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getResultLayout"]>,
    DeclareOpInterfaceMethods<EpilogueInterface, ["supportsEpilogue"]>]> {
  let summary = "the cotangent of a repeated operand";
  let description = [{
    The sum over `axes`, which then have size 1; the last `rank` dimensions stay. The first
    dimension is the batch, summed or not. Constraint: [repeated_sum_c1] axes ascend, and
    hold all dimensions that do not stay.
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$axes, I64Attr:$rank);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def NN_WeightedSumOp : NN_PointwiseOp<"weighted_sum", [
    SameTypeOperands, DeclareOpInterfaceMethods<GradientInterface>]> {
  let summary = "a sum of tensors of one type, each times a number";
  let description = [{
    `y = weights[0]*x0 + weights[1]*x1 + ...`. The tensors may be 0-d: several losses as one.

    Constraints: [weighted_sum_c1] there is an input, and a weight for each;
    [weighted_sum_c2] the weights are finite.

    Example: `%loss = nn.weighted_sum %a, %b {weights = array<f64: 1.0, 0.5>} : tensor<f32>, tensor<f32>`
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs, DenseF64ArrayAttr:$weights);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$inputs attr-dict `:` type($inputs)";
}

def NN_ChannelSumOp : NN_PureOp<"channel_sum", [DeclareOpInterfaceMethods<ChannelReductionInterface>]> {
  let summary = "the sum over batch and space, per channel";
  let description = "The cotangent of a bias. [N, C, ...] to [C].";
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_ChannelTensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

// --- Training: what build-training-step puts around the update rules ---------------

def NN_MovingAverageOp : NN_PointwiseOp<"moving_average", [
    AllTypesMatch<["average", "value"]>,
    DeclareOpInterfaceMethods<PointwiseInterface, ["emitBlock"]>]> {
  let summary = "an exponential moving average of a tensor over the steps";
  let description = [{
    `a' = a + (1 - d)*(x - a)` with `d = min(decay, (1 + t)/(10 + t))` in step t = 0, 1, ...
    In the first steps it averages over fewer steps, so it soon forgets the initial values.
  }];
  let arguments = (ins NN_Tensor:$average, NN_Tensor:$value, NN_CounterTensor:$step,
                       F64Attr:$decay);
  let results = (outs NN_Tensor:$new_average);
  let assemblyFormat = "$average `,` $value `,` $step attr-dict `:` type($average)";
}

def NN_ZeroLikeOp : NN_PointwiseOp<"zero_like"> {
  let summary = "zeros of a tensor's type: a sum of gradients that has been used";
  let arguments = (ins NN_Tensor:$like);
  let results = (outs NN_Tensor:$zero);
  let assemblyFormat = "$like attr-dict `:` type($like)";
}

// --- Layout: inserted by the scheduler ------------------------------------------

class NN_LayoutOp<string mnemonic> : NN_Op<mnemonic, [Pure, SameOperandsAndResultShape,
    SameOperandsAndResultElementType,
    DeclareOpInterfaceMethods<ReferenceInterface>,
    DeclareOpInterfaceMethods<LoweringInterface>,
    DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout", "getResultLayout"]>]> {
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
}
def NN_PackOp : NN_LayoutOp<"pack"> { let summary = "to lanes or channels layout, from dense or from each other"; }
def NN_UnpackOp : NN_LayoutOp<"unpack"> { let summary = "lanes or channels to dense layout"; }
#endif
