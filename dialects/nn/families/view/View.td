// Ops that move elements and compute nothing: reshape, transpose, slice,
// concat, pad.
include "nn/NNBase.td"

// A view has the layout of its operand: lanes if that has a batch, channels if
// they stay together, dense if there is no batch.
class NN_ViewOp<string mnemonic, list<Trait> traits = []>
    : NN_PureOp<mnemonic, traits # [
        DeclareOpInterfaceMethods<LoweringInterface>,
        DeclareOpInterfaceMethods<LayoutInterface, ["getOperandLayout", "getResultLayout", "isLanewise"]>,
        DeclareOpInterfaceMethods<EpilogueInterface, ["supportsEpilogue"]>]>;

class NN_ReshapeLikeOp<string mnemonic> : NN_ViewOp<mnemonic, [
    DeclareOpInterfaceMethods<GradientInterface>,
    DeclareOpInterfaceMethods<MeaningInterface>,
    DeclareOpInterfaceMethods<ViewInterface>,
    PrologueInterface]> {
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
}

def NN_ReshapeOp : NN_ReshapeLikeOp<"reshape"> {
  let summary = "the same elements, in row-major order, in another shape";
  let description = [{
    As ONNX's Reshape: an entry of `shape` is a size, 0 for the input's size at this place,
    or -1, once, for the rest. The batch stays dimension 0: write 0 there. A tensor without a
    batch may get any shape.

    Constraints: [reshape_c1] the input is static but for N; [reshape_c2] the entries of
    `shape` are sizes, 0 where the input has a dimension, or -1, once; [reshape_c3] the
    shape has as many elements as the input; [reshape_c4] an open batch stays dimension 0.

    Example: `%y = nn.reshape %x {shape = array<i64: 0, 16, 49>} : tensor<?x16x7x7xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$shape);
  let hasCanonicalizeMethod = 1;
}

def NN_FlattenOp : NN_ReshapeLikeOp<"flatten"> {
  let summary = "an image as a vector of features";
  let description = [{
    `[N, C, S...]` to `[N, C*S...]`, in row-major order as in PyTorch: channels are the
    slowest. In lanes layout, where channels lie innermost, this moves elements.

    Constraint: [flatten_c1] the input has at least two dimensions, static but for N.

    Example: `%y = nn.flatten %x : tensor<128x16x4x4xf32>`
  }];
  let arguments = (ins NN_Tensor:$input);
}

def NN_TransposeOp : NN_ViewOp<"transpose", [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<ViewInterface>,
    PrologueInterface]> {
  let summary = "the tensor with its dimensions in another order";
  let description = [{
    Dimension i of the result is dimension `permutation[i]` of the input, as in NumPy.

    Constraints: [transpose_c1] `permutation` names each dimension once; [transpose_c2] an
    open batch stays dimension 0.

    Example: `%y = nn.transpose %x {permutation = array<i64: 0, 2, 1>} : tensor<?x16x49xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
}

def NN_SliceOp : NN_ViewOp<"slice", [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<ViewInterface>,
    PrologueInterface]> {
  let summary = "a part of a tensor along some axes";
  let description = [{
    Along each of `axes` (all, in order, if left out) the elements `start`, `start + stride`,
    ... before `end`, as in NumPy: numbers below 0 count from the end, what lies outside is
    cut off, and a negative stride goes backwards, so that `start = -1, end = -2^63` is
    everything reversed. `strides` are 1 if left out.

    Constraints: [slice_c1] the axes exist, each once; [slice_c2] there is one start, end and
    stride for each, and no stride is 0; [slice_c3] something is left; [slice_c4] the batch
    is not cut while it is open.

    Example: `%y = nn.slice %x {axes = array<i64: 1>, starts = array<i64: 0>,
                ends = array<i64: 8>} : tensor<?x16x7x7xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$ends,
                       OptionalAttr<DenseI64ArrayAttr>:$strides,
                       OptionalAttr<DenseI64ArrayAttr>:$axes);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
}

def NN_SliceBackwardOp : NN_ViewOp<"slice_backward"> {
  let summary = "zeros, with the cotangent where the slice was";
  let description = [{
    Along axis `axes[i]`, of size `sizes[i]`, element j of the cotangent is at
    `starts[i] + j*strides[i]`. Constraint: [slice_c5] all of it lies inside.
  }];
  let arguments = (ins NN_Tensor:$cotangent, DenseI64ArrayAttr:$axes, DenseI64ArrayAttr:$starts,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$sizes);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent attr-dict `:` type($cotangent)";
}

def NN_ConcatOp : NN_ViewOp<"concat", [
    DeclareOpInterfaceMethods<GradientInterface>]> {
  let summary = "tensors joined along an axis";
  let description = [{
    Along dimension `axis`, by default the channels; -1 is the last. Its adjoint is slices.

    Constraints: [concat_c1] there is an input, and all have one element type and one rank,
    1 or more; [concat_c2] they differ in size along the axis alone; [concat_c3] the axis
    exists and is not the open batch.

    Example: `%y = nn.concat %a, %b : tensor<?x16x7x7xf32>, tensor<?x8x7x7xf32>`
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs,
                       DefaultValuedOptionalAttr<I64Attr, "1">:$axis);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$inputs attr-dict `:` type($inputs)";
  let hasFolder = 1;
}

def NN_PaddingOp : NN_ViewOp<"pad", [
    DeclareOpInterfaceMethods<GradientInterface>, DeclareOpInterfaceMethods<JoinInterface>]> {
  let summary = "a tensor with elements added at its borders";
  let description = [{
    Along each of `axes` (all, in order, if left out) `low` elements before the first and
    `high` after the last: `value` (mode "constant"), the elements mirrored about the
    border's element, which is not repeated ("reflect"), or the border's element
    ("replicate").

    Constraints: [pad_c1] the axes exist, each once, with one entry of `low` and of `high`
    each; [pad_c2] these are not negative, and at most 2^40; [pad_c3] the mode is one of the
    three; [pad_c4] a reflection is shorter than the dimension; [pad_c5] the batch is not
    padded while it is open.

    Example: `%y = nn.pad %x {axes = array<i64: 2, 3>, low = array<i64: 1, 1>,
                high = array<i64: 1, 1>, mode = "reflect"} : tensor<?x16x7x7xf32>`
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high,
                       OptionalAttr<DenseI64ArrayAttr>:$axes,
                       DefaultValuedOptionalAttr<StrAttr, "\"constant\"">:$mode,
                       DefaultValuedOptionalAttr<F64Attr, "0.0">:$value);
  // With zeros.
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$low,
                                 "::llvm::ArrayRef<int64_t>":$high,
                                 "::llvm::ArrayRef<int64_t>":$axes), [{
    build($_builder, $_state, input, $_builder.getDenseI64ArrayAttr(low),
          $_builder.getDenseI64ArrayAttr(high), $_builder.getDenseI64ArrayAttr(axes),
          ::mlir::StringAttr(), ::mlir::FloatAttr());
  }]>];
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
}

def NN_PadBackwardOp : NN_ViewOp<"pad_backward"> {
  let summary = "the cotangent of an input padded along one axis with its own elements";
  let description = [{
    Each element gets the sum of the cotangents of its copies. Constraint: [pad_c6] the cotangent
    is that of a padded tensor.
  }];
  let arguments = (ins NN_Tensor:$cotangent, I64Attr:$axis, I64Attr:$low, I64Attr:$high,
                       StrAttr:$mode);
  let results = (outs NN_Tensor:$grad);
  let assemblyFormat = "$cotangent attr-dict `:` type($cotangent)";
}
